// Parts of a lesion that touch face to face; small ones are removed as islands.
import { type Geometry, voxelVolumeMl } from '../../lib/lps';
import { type BoxMask, cutOut, offsetsOf } from './box';

/** Number of its part for every voxel of the box (0 outside), and the voxels of each part from 1 on. */
export function connectedParts(mask: BoxMask): { part: Int32Array; voxels: number[] } {
  const part = new Int32Array(mask.inside.length);
  const voxels = [0];
  for (let start = 0; start < part.length; start++) {
    if (!mask.inside[start] || part[start]) continue;
    voxels.push(flood(mask, part, start, voxels.length));
  }
  return { part, voxels };
}

function flood(mask: BoxMask, part: Int32Array, start: number, number: number): number {
  const front = [start];
  part[start] = number;
  let count = 0;
  while (front.length > 0) {
    const at = front.pop() as number;
    count++;
    for (const next of faceNeighbours(mask, at)) {
      if (!mask.inside[next] || part[next]) continue;
      part[next] = number;
      front.push(next);
    }
  }
  return count;
}

/** The up to six voxels that share a face, within the box. */
export function faceNeighbours({ size_xyz: [nx, ny, nz] }: Pick<BoxMask, 'size_xyz'>, at: number): number[] {
  const x = at % nx;
  const y = Math.floor(at / nx) % ny;
  const z = Math.floor(at / (nx * ny));
  const found: number[] = [];
  if (x > 0) found.push(at - 1);
  if (x < nx - 1) found.push(at + 1);
  if (y > 0) found.push(at - nx);
  if (y < ny - 1) found.push(at + nx);
  if (z > 0) found.push(at - nx * ny);
  if (z < nz - 1) found.push(at + nx * ny);
  return found;
}

export type IslandRule = { readonly keep: 'largest' } | { readonly keep: 'at_least'; readonly volume_ml: number };

/** The lesion without its islands: only the largest part (the first of equal ones), or all parts of enough volume. */
export function withoutIslands(grid: Geometry, offsets: Iterable<number>, rule: IslandRule): number[] {
  const box = cutOut(grid, offsets);
  if (!box) return [];
  const { part, voxels } = connectedParts(box);
  const largest = voxels.indexOf(Math.max(...voxels));
  const stays = voxels.map((count, number) =>
    rule.keep === 'largest' ? number === largest : count * voxelVolumeMl(grid) >= rule.volume_ml,
  );
  return offsetsOf(grid, { ...box, inside: Uint8Array.from(part, (number) => Number(number > 0 && stays[number])) });
}
