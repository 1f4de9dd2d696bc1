// Several masks at once over the images: every reader's outline in a colour of its own, and votes where readers differ.
import { cache, type ImageVolume } from '@cornerstonejs/core';
import { Enums, segmentation } from '@cornerstonejs/tools';
import { getBytes } from '../api/client';
import { el } from '../lib/dom';
import { moved, type Vec3 } from '../lib/lps';
import { formatMl } from '../lib/units';
import type { Layer } from './manifest';
import type { Pane } from './scene';
import { makeVolume, placeVolume } from './volumes';
import { VOLUME_IDS, type Workplace } from './workplace';

const { Labelmap: LABELMAP } = Enums.SegmentationRepresentations;
// Apart from the green that the page's own mask begins with.
const OUTLINES: readonly Vec3[] = [
  [86, 180, 233],
  [240, 128, 220],
  [255, 170, 130],
  [185, 150, 255],
  [90, 225, 225],
  [200, 200, 110],
];
const ON_TOP: Vec3 = [255, 255, 255];
const FEW_VOTES: Vec3 = [255, 225, 90];
const MANY_VOTES: Vec3 = [225, 45, 45];

// A map of votes lies under every outline, and the consensus over all.
const HEIGHT: Record<Layer['kind'], number> = { votes: 0, reading: 1, proposal: 1, consensus: 2 };

/** From yellow (one reader drew it) to red (all but one did). */
export function colourOfVotes(votes: number, readers: number): Vec3 {
  const share = readers > 2 ? (votes - 1) / (readers - 2) : 0;
  return FEW_VOTES.map((from, i) => Math.round(from + share * (MANY_VOTES[i] - from))) as unknown as Vec3;
}

/** The colours of a layer by label; an outline has one, however many lesions it holds. */
export function coloursOf(layer: Layer, place: number): Vec3[] {
  const readers = layer.readers ?? 0;
  if (layer.kind === 'votes')
    return Array.from({ length: Math.max(readers - 1, 1) }, (_, i) => colourOfVotes(i + 1, readers));
  return [layer.kind === 'consensus' ? ON_TOP : OUTLINES[place % OUTLINES.length]];
}

class Overlaid {
  readonly colours: Vec3[];
  is_shown: boolean;
  private volume: ImageVolume | null = null;

  constructor(
    readonly layer: Layer,
    place: number,
    private readonly workplace: Workplace,
  ) {
    this.colours = coloursOf(layer, place);
    this.is_shown = layer.kind === 'reading';
  }

  get segmentationId(): string {
    return `layer-${this.layer.id}`;
  }

  /** Fetches the mask when it is first shown. */
  async load(): Promise<void> {
    if (this.volume) return;
    const { manifest, pet_geometry } = this.workplace;
    const voxels = new Uint8Array(await getBytes(this.layer.url));
    const expected = this.workplace.suv_bw.length;
    if (voxels.length !== expected)
      throw new Error(`${this.layer.title} has ${voxels.length} voxels instead of the PET's ${expected}.`);
    if (this.layer.kind !== 'votes') for (let i = 0; i < voxels.length; i++) voxels[i] = Math.min(voxels[i], 1);
    const volumeId = `petra/${this.segmentationId}`;
    const referenced = cache.getVolume(VOLUME_IDS.pet) as ImageVolume;
    const { frame_of_reference_uid: frameOfReferenceUID } = manifest;
    this.volume = makeVolume({
      volumeId,
      geometry: pet_geometry,
      voxels,
      modality: 'SEG',
      frameOfReferenceUID,
      referenced,
    });
    const representation = { type: LABELMAP, data: { volumeId } as never };
    segmentation.addSegmentations([{ segmentationId: this.segmentationId, representation }]);
    this.restyle(true);
  }

  /** Votes are a filled map; a mask is an outline, so that several can be told apart where they overlap. */
  restyle(contours_shown: boolean): void {
    if (!this.volume) return;
    const is_map = this.layer.kind === 'votes';
    const style = {
      renderFill: contours_shown && is_map,
      // A volume viewport adds up along the ray: this looks like a third, and the uptake under it can still be read.
      fillAlpha: 0.12,
      renderOutline: contours_shown && !is_map,
      outlineWidth: this.layer.kind === 'consensus' ? 3 : 2,
      outlineOpacity: 1,
    };
    // Cornerstone styles all but the newest segmentation of a pane as inactive: those look the same here.
    const inactive = Object.entries(style).map(([name, value]) => [`${name}Inactive`, value]);
    const specifier = { type: LABELMAP, segmentationId: this.segmentationId };
    segmentation.config.style.setStyle(specifier, { ...style, ...Object.fromEntries(inactive) } as never);
  }

  async addTo(panes: readonly Pane[]): Promise<void> {
    const wanted = panes.map(({ description }) => [description.id, [{ segmentationId: this.segmentationId }]]);
    await segmentation.addLabelmapRepresentationToViewportMap(Object.fromEntries(wanted));
    for (const { description } of panes)
      this.colours.forEach((colour, i) => {
        segmentation.config.color.setSegmentIndexColor(description.id, this.segmentationId, i + 1, [
          ...colour,
          255,
        ] as never);
      });
  }

  takeFrom(panes: readonly Pane[]): void {
    for (const { description } of panes)
      segmentation.removeSegmentationRepresentation(description.id, {
        segmentationId: this.segmentationId,
        type: LABELMAP,
      });
  }

  place(offset_lps_mm: Vec3): void {
    const { geometry } = this.workplace.manifest.volumes.pet;
    if (this.volume) placeVolume(this.volume, moved(geometry, offset_lps_mm).origin_lps_mm);
  }
}

export class Layers {
  /** Switches each layer on and off; null where the page has none. */
  readonly chooser: HTMLElement | null;
  private readonly overlaid: readonly Overlaid[];
  private panes: readonly Pane[] = [];

  constructor(
    workplace: Workplace,
    private readonly render: () => void,
    private readonly say: (message: string) => void,
  ) {
    const layers = workplace.manifest.layers ?? [];
    const ordered = [...layers].sort((a, b) => Number(a.kind === 'consensus') - Number(b.kind === 'consensus'));
    this.overlaid = ordered.map((layer, i) => new Overlaid(layer, i, workplace));
    this.chooser =
      layers.length > 0 ? el('ul', { class: 'viewer-layers' }, ...this.overlaid.map((o) => this.row(o))) : null;
  }

  /** Lays what is switched on over new panes (a layout change makes new ones). */
  async showIn(panes: readonly Pane[]): Promise<void> {
    this.panes = panes.filter(({ description }) => description.content !== 'mip');
    for (const overlaid of this.shownFrom(0)) await this.add(overlaid);
  }

  /** Those that are switched on and lie this high or higher, the lowest first: what is added last is drawn on top. */
  private shownFrom(height: number): Overlaid[] {
    const heightOf = ({ layer }: Overlaid) => HEIGHT[layer.kind];
    const shown = this.overlaid.filter((overlaid) => overlaid.is_shown && heightOf(overlaid) >= height);
    return shown.sort((a, b) => heightOf(a) - heightOf(b));
  }

  showContours(shown: boolean): void {
    for (const overlaid of this.overlaid) overlaid.restyle(shown);
  }

  place(offset_lps_mm: Vec3): void {
    for (const overlaid of this.overlaid) overlaid.place(offset_lps_mm);
  }

  private async add(overlaid: Overlaid): Promise<void> {
    try {
      await overlaid.load();
      await overlaid.addTo(this.panes);
    } catch (error) {
      this.say(`${overlaid.layer.title} cannot be shown: ${(error as Error).message}`);
    }
  }

  private row(overlaid: Overlaid): HTMLElement {
    const { layer, colours } = overlaid;
    const box = el('input', { type: 'checkbox', checked: overlaid.is_shown, 'data-layer': layer.id });
    box.addEventListener('change', () => void this.toggle(overlaid, box));
    const swatches = colours.map((colour) => {
      const swatch = el('span', { class: `viewer-layer-swatch is-${layer.kind}` });
      swatch.style.backgroundColor = `rgb(${colour.join(' ')})`;
      return swatch;
    });
    const amount =
      layer.kind === 'votes' ? `1–${colours.length} of ${layer.readers}` : `${formatMl(layer.volume_ml)} ml`;
    return el('li', {}, el('label', {}, box, ...swatches, layer.title), el('span', { class: 'unit' }, amount));
  }

  private async toggle(overlaid: Overlaid, box: HTMLInputElement): Promise<void> {
    overlaid.is_shown = box.checked;
    if (overlaid.is_shown) {
      const higher = this.shownFrom(HEIGHT[overlaid.layer.kind] + 1);
      for (const one of higher) one.takeFrom(this.panes);
      for (const one of [overlaid, ...higher]) await this.add(one);
    } else overlaid.takeFrom(this.panes);
    this.render();
  }
}
