// Contours without graphics: the labels of one PET slice as coloured squares over the slice.
import type { Types } from '@cornerstonejs/core';
import { el } from '../lib/dom';
import { type Geometry, indexToLps, type Vec3 } from '../lib/lps';
import { colourOf } from './labels_display';

export class LookLabels {
  readonly canvas = el('canvas', { class: 'viewer-overlay' });

  constructor(
    private readonly voxels: Uint8Array,
    private readonly geometry: Geometry,
  ) {}

  /** Draws the labels of a slice of the PET; with null, nothing. */
  draw(viewport: Types.IStackViewport, slice: number | null): void {
    const { canvas, geometry } = this;
    canvas.width = canvas.clientWidth;
    canvas.height = canvas.clientHeight;
    const context = canvas.getContext('2d');
    if (!context || slice === null) return;
    const corner = (x: number, y: number) =>
      viewport.worldToCanvas([...indexToLps(geometry, [x - 0.5, y - 0.5, slice] as Vec3)] as Types.Point3);
    const [nx, ny] = geometry.size_xyz;
    const first = slice * nx * ny;
    for (let offset = 0; offset < nx * ny; offset++) {
      const label = this.voxels[first + offset];
      if (label === 0) continue;
      const [x, y] = [offset % nx, Math.floor(offset / nx)];
      const [[left, top], [right, bottom]] = [corner(x, y), corner(x + 1, y + 1)];
      context.fillStyle = `rgb(${colourOf(label).join(' ')} / 45%)`;
      context.fillRect(left, top, right - left, bottom - top);
    }
  }
}
