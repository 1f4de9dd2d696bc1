// Brush, SUV brush, eraser and isocontour: one drag of each, from press to release.
import type { Geometry, Vec3 } from '../lib/lps';
import { brushOffsets, strokePlaces } from './brushes';
import { isocontour } from './isocontour';
import type { Reading } from './reading';
import { RADIUS_MM, type ToolSettings } from './tools';

/** What a drag does; `end` returns what is to be said about it. */
export interface Gesture {
  /** A sphere that is being used or dragged out */
  readonly ball: { readonly centre_lps_mm: Vec3; readonly radius_mm: number } | null;
  moveTo(place: Vec3): void;
  end(): string;
}

export interface Canvas {
  readonly reading: Reading;
  readonly geometry: Geometry;
  readonly suv_bw: Float32Array;
  readonly settings: Readonly<ToolSettings>;
}

/** Paints or erases along the drag. */
export class BrushStroke implements Gesture {
  readonly ball = null;
  private last: Vec3;

  constructor(
    private readonly canvas: Canvas,
    private readonly normal: Vec3,
    start: Vec3,
  ) {
    this.last = start;
    canvas.reading.begin();
    this.dab(start);
  }

  moveTo(place: Vec3): void {
    for (const between of strokePlaces(this.last, place, this.canvas.settings.radius_mm)) this.dab(between);
    this.last = place;
  }

  end(): string {
    this.canvas.reading.end();
    return '';
  }

  private dab(place: Vec3): void {
    const { reading, geometry, suv_bw, settings } = this.canvas;
    const { tool, sphere, radius_mm, brush_threshold_suv_bw, erase_every } = settings;
    const covered = brushOffsets(geometry, place, radius_mm, sphere ? null : this.normal);
    if (tool === 'eraser') reading.erase(covered, erase_every ? 'every' : 'active');
    else if (tool === 'threshold') reading.paint(covered.filter((offset) => suv_bw[offset] >= brush_threshold_suv_bw));
    else reading.paint(covered);
  }
}

/** A sphere dragged out around uptake, filled with what reaches the threshold when the button is let go. */
export class IsocontourDrag implements Gesture {
  private radius_mm: number;

  constructor(
    private readonly canvas: Canvas,
    private readonly centre_lps_mm: Vec3,
    radius_mm: number = RADIUS_MM.min,
  ) {
    this.radius_mm = radius_mm;
  }

  get ball() {
    return { centre_lps_mm: this.centre_lps_mm, radius_mm: this.radius_mm };
  }

  moveTo(place: Vec3): void {
    const dragged_mm = Math.hypot(...place.map((value, axis) => value - this.centre_lps_mm[axis]));
    this.radius_mm = Math.max(dragged_mm, RADIUS_MM.min);
  }

  end(): string {
    const { reading, geometry, suv_bw, settings } = this.canvas;
    if (settings.contour.kind === 'percist' && !settings.liver)
      return 'PERCIST needs the liver reference: choose Liver (V) and click the right lobe of the liver.';
    const found = isocontour(geometry, suv_bw, this.centre_lps_mm, this.radius_mm, settings.contour);
    if (found.offsets.length === 0) return 'No voxel in the sphere reaches the threshold.';
    reading.begin();
    reading.paint(found.offsets);
    reading.end();
    const reached = `Isocontour at SUVbw ${found.threshold_suv_bw.toFixed(2)}`;
    return `${reached} (SUVmax ${found.suv_bw_max.toFixed(2)} in the sphere).`;
  }
}
