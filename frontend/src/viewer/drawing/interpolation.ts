// Fills the empty slices between drawn ones with shapes in between them, by their signed distances.
//
// Shape-based interpolation: Raya & Udupa, IEEE Trans Med Imaging 1990;9:32.
import type { Geometry, Vec3 } from '../../lib/lps';
import { type BoxMask, cutOut, offsetsOf, stridesOf } from './box';
import { squaredDistances } from './distance';

/** The lesion with every gap between two drawn slices across the axis filled; drawn slices stay as they are. */
export function interpolated(grid: Geometry, offsets: Iterable<number>, across: number): number[] {
  const margin = [0, 1, 2].map((axis) => (axis === across ? 0 : 1)) as unknown as Vec3;
  const box = cutOut(grid, offsets, margin);
  if (!box) return [];
  const in_plane = [0, 1, 2].filter((axis) => axis !== across);
  const signed = signedDistances(box, grid.spacing_mm, in_plane);
  const drawn = drawnSlices(box, across);
  for (let i = 0; i + 1 < drawn.length; i++) fillBetween(box, signed, across, drawn[i], drawn[i + 1]);
  return offsetsOf(grid, box);
}

/** Distance in mm within the slice to the lesion's edge: negative inside. An empty slice has Infinity everywhere. */
function signedDistances(box: BoxMask, spacing_mm: Vec3, in_plane: number[]): Float64Array {
  const to_lesion = squaredDistances(box, spacing_mm, 1, in_plane);
  const to_outside = squaredDistances(box, spacing_mm, 0, in_plane);
  return to_lesion.map((squared, at) => Math.sqrt(squared) - Math.sqrt(to_outside[at]));
}

function drawnSlices(box: BoxMask, across: number): number[] {
  const drawn = new Set<number>();
  box.inside.forEach((inside, at) => {
    if (inside) drawn.add(sliceOf(box, across, at));
  });
  return [...drawn].sort((a, b) => a - b);
}

function sliceOf(box: BoxMask, across: number, at: number): number {
  return Math.floor(at / stridesOf(box)[across]) % box.size_xyz[across];
}

function fillBetween(box: BoxMask, signed: Float64Array, across: number, below: number, above: number): void {
  const stride = stridesOf(box)[across];
  for (let at = 0; at < signed.length; at++) {
    if (sliceOf(box, across, at) !== below) continue;
    for (let step = 1; step < above - below; step++) {
      const share = step / (above - below);
      const between = (1 - share) * signed[at] + share * signed[at + (above - below) * stride];
      if (between < 0) box.inside[at + step * stride] = 1;
    }
  }
}
