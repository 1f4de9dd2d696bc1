// Voxel grids in patient space: where a voxel lies, which voxel holds a place, and what directions are called.
import { describe, expect, it } from 'vitest';
import {
  axisAlong,
  axisOf,
  centreOf,
  type Geometry,
  indexToLps,
  lpsToIndex,
  moved,
  orientationLetters,
  voxelOffsetAt,
  voxelVolumeMl,
} from '../src/lib/lps';

const STRAIGHT: Geometry = {
  size_xyz: [4, 5, 6],
  spacing_mm: [2, 3, 4],
  origin_lps_mm: [10, -20, 30],
  direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
};
// Columns are the axes: x runs to posterior, y to head, z to the left.
const TURNED: Geometry = { ...STRAIGHT, direction: [0, 0, 1, 1, 0, 0, 0, 1, 0] };

describe('geometry', () => {
  it('reads the axes from the columns of the row-major direction', () => {
    expect([0, 1, 2].map((axis) => axisOf(TURNED, axis))).toEqual([
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });

  it.each([STRAIGHT, TURNED])('turns an index into a place and back', (geometry) => {
    const place = indexToLps(geometry, [1, 2, 3]);
    for (const axis of [0, 1, 2]) expect(lpsToIndex(geometry, place)[axis]).toBeCloseTo(axis + 1, 12);
  });

  it('knows the place of a voxel of a turned grid', () => {
    expect(indexToLps(TURNED, [1, 2, 3])).toEqual([10 + 12, -20 + 2, 30 + 6]);
  });

  it('finds the voxel that holds a place, and none outside', () => {
    expect(voxelOffsetAt(STRAIGHT, [12.9, -14.1, 42])).toBe(1 + 4 * (2 + 5 * 3));
    expect(voxelOffsetAt(STRAIGHT, [8.9, -20, 30])).toBeNull();
    expect(voxelOffsetAt(STRAIGHT, [10, -20, 52.1])).toBeNull();
  });

  it('moves with an offset', () => {
    expect(centreOf(moved(STRAIGHT, [1, 2, 3]))).toEqual([14, -12, 43]);
  });

  it('measures a voxel in ml', () => expect(voxelVolumeMl(STRAIGHT)).toBeCloseTo(0.024, 12));

  it('finds the grid axis along a direction', () => expect(axisAlong(TURNED, [0.9, 0.3, 0])).toBe(2));
});

describe('orientation letters', () => {
  it.each([
    [[1, 0, 0], 'L'],
    [[-1, 0, 0], 'R'],
    [[0, 1, 0], 'P'],
    [[0, -1, 0], 'A'],
    [[0, 0, 1], 'H'],
    [[0, 0, -1], 'F'],
    [[0.8, 0, 0.6], 'LH'],
  ] as const)('%s is %s', (direction, letters) => expect(orientationLetters(direction)).toBe(letters));
});
