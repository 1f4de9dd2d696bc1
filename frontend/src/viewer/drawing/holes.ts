// Fills what a lesion encloses: voxels from which no way through faces leads out, in space or within each slice.
import type { Geometry } from '../../lib/lps';
import { type BoxMask, cutOut, offsetsOf, stridesOf } from './box';
import { faceNeighbours } from './components';

/** The lesion with its holes filled; with an axis, each slice across that axis is looked at by itself. */
export function withoutHoles(grid: Geometry, offsets: Iterable<number>, slices_across: number | null): number[] {
  const box = cutOut(grid, offsets);
  if (!box) return [];
  const open = outside(box, slices_across);
  return offsetsOf(grid, { ...box, inside: Uint8Array.from(open, (reached) => 1 - reached) });
}

/** 1 where a way leads to the box's border without entering the lesion. */
function outside(box: BoxMask, slices_across: number | null): Uint8Array {
  const reached = new Uint8Array(box.inside.length);
  const front: number[] = [];
  const reach = (at: number) => {
    if (box.inside[at] || reached[at]) return;
    reached[at] = 1;
    front.push(at);
  };
  for (let at = 0; at < reached.length; at++) if (onBorder(box, at, slices_across)) reach(at);
  const barred = slices_across === null ? 0 : stridesOf(box)[slices_across];
  while (front.length > 0) {
    const at = front.pop() as number;
    for (const next of faceNeighbours(box, at)) if (Math.abs(next - at) !== barred) reach(next);
  }
  return reached;
}

function onBorder({ size_xyz }: BoxMask, at: number, slices_across: number | null): boolean {
  const index = [
    at % size_xyz[0],
    Math.floor(at / size_xyz[0]) % size_xyz[1],
    Math.floor(at / (size_xyz[0] * size_xyz[1])),
  ];
  return index.some((i, axis) => axis !== slices_across && (i === 0 || i === size_xyz[axis] - 1));
}
