// Grows or shrinks a lesion by millimetres, measured between voxel centres on the true voxel spacing.
import type { Geometry, Vec3 } from '../../lib/lps';
import { cutOut, offsetsOf } from './box';
import { squaredDistances } from './distance';

/** All voxels whose centre is at most margin_mm from the centre of a voxel of the lesion. */
export function grown(grid: Geometry, offsets: Iterable<number>, margin_mm: number): number[] {
  const reach = grid.spacing_mm.map((spacing) => Math.ceil(margin_mm / spacing)) as unknown as Vec3;
  const box = cutOut(grid, offsets, reach);
  if (!box) return [];
  const squared = squaredDistances(box, grid.spacing_mm, 1);
  return offsetsOf(grid, { ...box, inside: Uint8Array.from(squared, (mm2) => Number(mm2 <= limit(margin_mm))) });
}

/** The lesion's voxels that are farther than margin_mm from every voxel outside it; the image's edge takes nothing away. */
export function shrunk(grid: Geometry, offsets: Iterable<number>, margin_mm: number): number[] {
  const box = cutOut(grid, offsets, [1, 1, 1]);
  if (!box) return [];
  const squared = squaredDistances(box, grid.spacing_mm, 0);
  return offsetsOf(grid, { ...box, inside: Uint8Array.from(squared, (mm2) => Number(mm2 > limit(margin_mm))) });
}

// 3 × 2 mm is 6 mm although 6.0 squared in binary may come out a little less.
const limit = (margin_mm: number) => margin_mm ** 2 * (1 + 1e-9);
