// A mask cut out around its voxels, so that heavy operations cost what the lesion costs and not the whole volume.
import type { Geometry, Vec3 } from '../../lib/lps';

/** 1 where the mask is, z-major, over the voxels from low_xyz on. */
export interface BoxMask {
  readonly low_xyz: Vec3;
  readonly size_xyz: Vec3;
  readonly inside: Uint8Array;
}

export function indexOf({ size_xyz: [nx, ny] }: Geometry, offset: number): Vec3 {
  return [offset % nx, Math.floor(offset / nx) % ny, Math.floor(offset / (nx * ny))];
}

/** The voxels with a margin on every side (clipped at the grid's edge), or null when there are none. */
export function cutOut(grid: Geometry, offsets: Iterable<number>, margin_voxels: Vec3 = [0, 0, 0]): BoxMask | null {
  const members = [...offsets];
  if (members.length === 0) return null;
  const low = [Infinity, Infinity, Infinity];
  const high = [0, 0, 0];
  for (const offset of members) {
    indexOf(grid, offset).forEach((at, axis) => {
      low[axis] = Math.min(low[axis], at);
      high[axis] = Math.max(high[axis], at);
    });
  }
  const low_xyz = low.map((at, axis) => Math.max(0, at - margin_voxels[axis])) as unknown as Vec3;
  const size_xyz = high.map(
    (at, axis) => Math.min(grid.size_xyz[axis] - 1, at + margin_voxels[axis]) - low_xyz[axis] + 1,
  ) as unknown as Vec3;
  const box = { low_xyz, size_xyz, inside: new Uint8Array(size_xyz[0] * size_xyz[1] * size_xyz[2]) };
  for (const offset of members) box.inside[within(box, indexOf(grid, offset))] = 1;
  return box;
}

/** Where a voxel of the grid lies in the box's array. */
function within({ low_xyz, size_xyz }: BoxMask, [x, y, z]: Vec3): number {
  return x - low_xyz[0] + size_xyz[0] * (y - low_xyz[1] + size_xyz[1] * (z - low_xyz[2]));
}

/** Offsets into the grid's array of the box's voxels that a value is kept for. */
export function offsetsOf(grid: Geometry, { low_xyz, size_xyz, inside }: BoxMask): number[] {
  const [nx, ny] = grid.size_xyz;
  const [bx, by, bz] = size_xyz;
  const found: number[] = [];
  let at = 0;
  for (let z = 0; z < bz; z++) {
    for (let y = 0; y < by; y++) {
      const row = low_xyz[0] + nx * (y + low_xyz[1] + ny * (z + low_xyz[2]));
      for (let x = 0; x < bx; x++, at++) if (inside[at]) found.push(row + x);
    }
  }
  return found;
}

/** Steps in the box's array to the next voxel along x, y and z. */
export function stridesOf({ size_xyz: [nx, ny] }: Pick<BoxMask, 'size_xyz'>): Vec3 {
  return [1, nx, nx * ny];
}
