// What is drawn over the images without being a voxel: the ruler, a contour in the making, the liver's reference sphere.
import type { Vec3 } from '../lib/lps';

export interface Sketch {
  readonly kind: 'ruler' | 'contour' | 'liver';
  readonly points: readonly Vec3[];
  readonly closed: boolean;
  /** A sphere about the first point instead of a line */
  readonly radius_mm?: number;
  readonly text?: string;
}

export class Sketches {
  private readonly shown = new Map<Sketch['kind'], Sketch>();
  private readonly listeners: (() => void)[] = [];

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  get all(): readonly Sketch[] {
    return [...this.shown.values()];
  }

  show(sketch: Sketch): void {
    this.shown.set(sketch.kind, sketch);
    for (const listener of this.listeners) listener();
  }

  hide(kind: Sketch['kind']): void {
    if (this.shown.delete(kind)) for (const listener of this.listeners) listener();
  }
}
