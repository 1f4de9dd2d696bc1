// Region growing: voxels joined face to face to a seed whose SUV lies within a tolerance of the seed's, inside a sphere.
import type { Geometry, Vec3 } from '../../lib/lps';
import { indexOf } from './box';
import { faceNeighbours } from './components';

export interface Region {
  readonly offsets: number[];
  readonly seed_suv_bw: number;
  /** Whether the region would have gone on beyond the sphere */
  readonly stopped_by_bound: boolean;
}

/** tolerance: share of the seed's SUVbw by which a voxel may differ from it; bound_mm: radius about the seed's centre. */
export function regionFrom(
  grid: Geometry,
  suv_bw: ArrayLike<number>,
  seed: number,
  tolerance: number,
  bound_mm: number,
): Region {
  const seed_suv_bw = suv_bw[seed];
  const allowed = Math.abs(seed_suv_bw) * tolerance;
  const centre = indexOf(grid, seed);
  const visited = new Set([seed]);
  const offsets: number[] = [];
  let stopped_by_bound = false;
  const front = [seed];
  while (front.length > 0) {
    const at = front.pop() as number;
    offsets.push(at);
    for (const next of faceNeighbours(grid, at)) {
      if (visited.has(next) || Math.abs(suv_bw[next] - seed_suv_bw) > allowed) continue;
      visited.add(next);
      if (distanceMm(grid, centre, indexOf(grid, next)) <= bound_mm) front.push(next);
      else stopped_by_bound = true;
    }
  }
  return { offsets, seed_suv_bw, stopped_by_bound };
}

function distanceMm({ spacing_mm }: Geometry, a: Vec3, b: Vec3): number {
  return Math.hypot(...a.map((value, axis) => (value - b[axis]) * spacing_mm[axis]));
}
