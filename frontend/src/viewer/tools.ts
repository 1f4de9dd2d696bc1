// The tools of the left mouse button and their settings; what each does to the reading.
import type { Geometry, Vec3 } from '../lib/lps';
import { brushOffsets, strokePlaces } from './brushes';
import { isocontour, type Threshold } from './isocontour';
import type { Reading } from './reading';

export type ToolName = 'navigate' | 'window' | 'brush' | 'eraser' | 'threshold' | 'isocontour';

export const TOOLS: readonly {
  name: ToolName;
  title: string;
  key: string;
  icon: string;
  draws: boolean;
  help: string;
}[] = [
  {
    name: 'navigate',
    title: 'Navigate',
    key: 'n',
    icon: 'target',
    draws: false,
    help: 'Click or drag to place the crosshair in every pane',
  },
  {
    name: 'window',
    title: 'Window',
    key: 'l',
    icon: 'contrast',
    draws: false,
    help: 'Drag sideways for width, up and down for level',
  },
  { name: 'brush', title: 'Brush', key: 'b', icon: 'brush', draws: true, help: 'Paint into the active lesion' },
  {
    name: 'threshold',
    title: 'SUV brush',
    key: 't',
    icon: 'flame',
    draws: true,
    help: 'Paint only voxels at or above the SUV threshold',
  },
  {
    name: 'isocontour',
    title: 'Isocontour',
    key: 'c',
    icon: 'circle-dashed',
    draws: true,
    help: 'Drag a sphere around uptake; fills what reaches the threshold',
  },
  { name: 'eraser', title: 'Eraser', key: 'x', icon: 'eraser', draws: true, help: 'Take voxels away' },
];

export interface ToolSettings {
  tool: ToolName;
  radius_mm: number;
  sphere: boolean;
  brush_threshold_suv_bw: number;
  contour: Threshold;
}

export const RADIUS_MM = { min: 2, max: 60, step: 1 };

/** One drag of a drawing tool, from press to release. */
export class Stroke {
  private last: Vec3;

  constructor(
    private readonly reading: Reading,
    private readonly geometry: Geometry,
    private readonly suv_bw: Float32Array,
    private readonly settings: Readonly<ToolSettings>,
    private readonly normal: Vec3,
    readonly start: Vec3,
  ) {
    this.last = start;
    reading.begin();
    if (settings.tool !== 'isocontour') this.dab(start);
  }

  moveTo(place: Vec3): void {
    if (this.settings.tool !== 'isocontour') {
      for (const between of strokePlaces(this.last, place, this.settings.radius_mm)) this.dab(between);
    }
    this.last = place;
  }

  /** Radius of the sphere being dragged out. */
  get radius_mm(): number {
    const dragged_mm = Math.hypot(...this.last.map((value, axis) => value - this.start[axis]));
    return this.settings.tool === 'isocontour' ? Math.max(dragged_mm, RADIUS_MM.min) : this.settings.radius_mm;
  }

  /** Ends the stroke; for an isocontour, says what was found. */
  end(): string {
    let said = '';
    if (this.settings.tool === 'isocontour') {
      const found = isocontour(this.geometry, this.suv_bw, this.start, this.radius_mm, this.settings.contour);
      this.reading.paint(found.offsets);
      said =
        found.offsets.length === 0
          ? 'No voxel in the sphere reaches the threshold.'
          : `Isocontour at SUVbw ${found.threshold_suv_bw.toFixed(2)} (SUVmax ${found.suv_bw_max.toFixed(2)} in the sphere).`;
    }
    this.reading.end();
    return said;
  }

  private dab(place: Vec3): void {
    const { tool, sphere, radius_mm, brush_threshold_suv_bw } = this.settings;
    const covered = brushOffsets(this.geometry, place, radius_mm, sphere ? null : this.normal);
    if (tool === 'eraser') this.reading.erase(covered);
    else if (tool === 'threshold')
      this.reading.paint(covered.filter((offset) => this.suv_bw[offset] >= brush_threshold_suv_bw));
    else this.reading.paint(covered);
  }
}
