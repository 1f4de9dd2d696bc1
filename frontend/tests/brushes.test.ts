// The brush covers exactly the voxels whose centre is within its radius.
import { expect, it } from 'vitest';
import { indexToLps, type Vec3 } from '../src/lib/lps';
import { brushOffsets, strokePlaces } from '../src/viewer/brushes';
import { GRID, offsetOf } from './grid';

const distance = (a: Vec3, b: Vec3) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

it('covers a ball, counted voxel by voxel', () => {
  const centre: Vec3 = [0.7, -1.1, 0.9];
  const expected: number[] = [];
  for (let z = 0; z < 11; z++)
    for (let y = 0; y < 21; y++)
      for (let x = 0; x < 21; x++)
        if (distance(indexToLps(GRID, [x, y, z]), centre) <= 9) expected.push(offsetOf(x, y, z));
  expect(brushOffsets(GRID, centre, 9, null)).toEqual(expected);
});

it('covers a disc in the one slice that is looked at', () => {
  const disc = brushOffsets(GRID, [0, 0, 1.9], 4, [0, 0, 1]);
  expect(disc).toHaveLength(13);
  expect(new Set(disc.map((offset) => Math.floor(offset / 441)))).toEqual(new Set([5]));
});

it('covers a disc in a coronal slice', () => {
  const disc = brushOffsets(GRID, [0, 0, 0], 4, [0, -1, 0]);
  expect(new Set(disc.map((offset) => Math.floor(offset / 21) % 21))).toEqual(new Set([10]));
  expect(disc).toHaveLength(5 + 1 + 1);
});

it('stays inside the grid', () => {
  expect(brushOffsets(GRID, [-20, -20, -20], 2, null)).toEqual([
    offsetOf(0, 0, 0),
    offsetOf(1, 0, 0),
    offsetOf(0, 1, 0),
  ]);
  expect(brushOffsets(GRID, [500, 0, 0], 10, null)).toEqual([]);
  expect(brushOffsets(GRID, [0, 0, 500], 10, [0, 0, 1])).toEqual([]);
});

it('leaves no gap in a fast stroke', () => {
  const places = strokePlaces([0, 0, 0], [30, 0, 0], 4);
  expect(places.at(-1)).toEqual([30, 0, 0]);
  expect(places[0][0]).toBeLessThanOrEqual(2);
});
