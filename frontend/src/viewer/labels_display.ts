// Shows the labelmap over the images: a Cornerstone segmentation that shares the voxels we draw into.
import type { ImageVolume } from '@cornerstonejs/core';
import { Enums, segmentation } from '@cornerstonejs/tools';
import { type Geometry, moved, type Vec3 } from '../lib/lps';
import type { Labelmap } from './labelmap';
import type { Pane } from './scene';
import { makeVolume, placeVolume, touchSlices } from './volumes';

const { Labelmap: LABELMAP } = Enums.SegmentationRepresentations;

// Distinct on grey and on the hot scale (Okabe & Ito's palette without black, brightened for dark panes).
export const LESION_COLOURS: readonly Vec3[] = [
  [86, 219, 120],
  [86, 180, 233],
  [240, 128, 220],
  [250, 235, 90],
  [90, 225, 225],
  [185, 150, 255],
  [255, 170, 130],
];

export function colourOf(label: number): Vec3 {
  return LESION_COLOURS[(label - 1) % LESION_COLOURS.length];
}

/** Draws contours with a light fill, or leaves the images bare to look at; nothing of the reading changes. */
export function showContours(shown: boolean): void {
  const style = { renderFill: shown, fillAlpha: 0.22, renderOutline: shown, outlineWidth: 2, outlineOpacity: 1 };
  // Where layers lie over it, Cornerstone takes the reading for inactive; it looks the same.
  const inactive = Object.entries(style).map(([name, value]) => [`${name}Inactive`, value]);
  segmentation.config.style.setStyle({ type: LABELMAP }, { ...style, ...Object.fromEntries(inactive) } as never);
}

export class LabelsDisplay {
  private readonly volume: ImageVolume;

  constructor(
    private readonly labelmap: Labelmap,
    frameOfReferenceUID: string,
    pet: ImageVolume,
    offset_lps_mm: Vec3,
    private readonly segmentationId = 'reading',
  ) {
    const volumeId = `petra/${segmentationId}`;
    const geometry: Geometry = moved(labelmap.geometry, offset_lps_mm);
    const description = { volumeId, geometry, voxels: labelmap.voxels, modality: 'SEG' as const };
    this.volume = makeVolume({ ...description, frameOfReferenceUID, referenced: pet });
    segmentation.addSegmentations([
      { segmentationId, representation: { type: LABELMAP, data: { volumeId } as never } },
    ]);
    showContours(true);
  }

  /** Adds the labels to new panes (a layout change makes new ones). */
  async showIn(panes: readonly Pane[], labels: readonly number[]): Promise<void> {
    const flat = panes.filter(({ description }) => description.content !== 'mip');
    const wanted = Object.fromEntries(
      flat.map(({ description }) => [description.id, [{ segmentationId: this.segmentationId }]]),
    );
    await segmentation.addLabelmapRepresentationToViewportMap(wanted);
    for (const { description } of flat) this.paintLabels(description.id, labels);
  }

  paintLabels(viewportId: string, labels: readonly number[]): void {
    for (const label of labels) {
      const colour = [...colourOf(label), 255] as never;
      segmentation.config.color.setSegmentIndexColor(viewportId, this.segmentationId, label, colour);
    }
  }

  update(slices: ReadonlySet<number> | 'all'): void {
    const changed =
      slices === 'all' ? Array.from({ length: this.labelmap.geometry.size_xyz[2] }, (_, k) => k) : [...slices];
    touchSlices(this.volume, changed);
    segmentation.triggerSegmentationEvents.triggerSegmentationDataModified(this.segmentationId, changed);
  }

  place(offset_lps_mm: Vec3): void {
    placeVolume(this.volume, moved(this.labelmap.geometry, offset_lps_mm).origin_lps_mm);
  }
}
