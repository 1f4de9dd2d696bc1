// Copies what a lesion has in the neighbouring slice into the one that is looked at.
import type { Geometry } from '../../lib/lps';
import { indexOf } from './box';

/** Voxels of `slice` across the axis that the lesion covers in the slice `from`. */
export function copiedFrom(
  grid: Geometry,
  offsets: Iterable<number>,
  across: number,
  from: number,
  slice: number,
): number[] {
  if (slice < 0 || slice >= grid.size_xyz[across]) return [];
  const stride = [1, grid.size_xyz[0], grid.size_xyz[0] * grid.size_xyz[1]][across];
  const copied: number[] = [];
  for (const offset of offsets) {
    if (indexOf(grid, offset)[across] === from) copied.push(offset + (slice - from) * stride);
  }
  return copied;
}
