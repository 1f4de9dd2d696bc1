// Contours, region growing, copying and combining, against voxels counted by hand.
import { expect, it } from 'vitest';
import { indexToLps, type Vec3 } from '../../src/lib/lps';
import { combined } from '../../src/viewer/drawing/combine';
import { copiedFrom } from '../../src/viewer/drawing/copy_slice';
import { polygonOffsets } from '../../src/viewer/drawing/polygon';
import { regionFrom } from '../../src/viewer/drawing/region_growing';
import { closedSpline } from '../../src/viewer/drawing/spline';
import { GRID, offsetOf } from '../grid';

const at = (x: number, y: number, z: number) => indexToLps(GRID, [x, y, z]);
const sorted = (offsets: Iterable<number>) => [...offsets].sort((a, b) => a - b);

it('fills the voxel centres inside an axial square, and no other slice', () => {
  const square = [at(3.5, 4.5, 6.2), at(6.5, 4.5, 6.2), at(6.5, 7.4, 6.2), at(3.5, 7.4, 6.2)];
  const expected = [5, 6, 7].flatMap((y) => [4, 5, 6].map((x) => offsetOf(x, y, 6)));
  expect(sorted(polygonOffsets(GRID, square, [0, 0, 1]))).toEqual(expected);
});

it('fills in coronal and sagittal planes', () => {
  const coronal = [at(2.5, 9, 1.5), at(4.5, 9, 1.5), at(4.5, 9, 3.5), at(2.5, 9, 3.5)];
  expect(sorted(polygonOffsets(GRID, coronal, [0, -1, 0]))).toEqual(
    [2, 3].flatMap((z) => [3, 4].map((x) => offsetOf(x, 9, z))),
  );
  const sagittal = [at(12, 2.5, 1.5), at(12, 4.5, 1.5), at(12, 4.5, 3.5), at(12, 2.5, 3.5)];
  expect(sorted(polygonOffsets(GRID, sagittal, [1, 0, 0]))).toEqual(
    [2, 3].flatMap((z) => [3, 4].map((y) => offsetOf(12, y, z))),
  );
});

it('leaves the middle of a contour that crosses itself twice empty, and clips at the edge of the image', () => {
  const ring = [at(-9, -9, 0), at(3.5, -9, 0), at(3.5, 3.5, 0), at(-9, 3.5, 0)];
  expect(polygonOffsets(GRID, ring, [0, 0, 1]).length).toBe(16);
  expect(polygonOffsets(GRID, [...ring, ...ring], [0, 0, 1])).toEqual([]);
  expect(polygonOffsets(GRID, [at(1, 1, 30), at(5, 1, 30), at(5, 5, 30)], [0, 0, 1])).toEqual([]);
  expect(polygonOffsets(GRID, ring.slice(0, 2), [0, 0, 1])).toEqual([]);
});

it('draws a smooth curve through its points', () => {
  const corners: Vec3[] = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => [
    10 * Math.cos((k * Math.PI) / 4),
    10 * Math.sin((k * Math.PI) / 4),
    5,
  ]);
  const curve = closedSpline(corners);
  expect(curve).toHaveLength(128);
  for (const [i, corner] of corners.entries()) expect(curve[i * 16]).toEqual(corner);
  for (const [x, y] of curve) expect(Math.abs(Math.hypot(x, y) - 10)).toBeLessThan(0.15);
  expect(closedSpline(corners.slice(0, 2))).toEqual(corners.slice(0, 2));
});

it('grows a region from its seed within tolerance and bound', () => {
  const suv_bw = new Float32Array(21 * 21 * 11).fill(1);
  for (let x = 5; x <= 15; x++) suv_bw[offsetOf(x, 10, 5)] = x === 12 ? 7 : 10;
  suv_bw[offsetOf(5, 12, 5)] = 10;
  const seed = offsetOf(8, 10, 5);
  const narrow = regionFrom(GRID, suv_bw, seed, 0.2, 50);
  expect(sorted(narrow.offsets)).toEqual([5, 6, 7, 8, 9, 10, 11].map((x) => offsetOf(x, 10, 5)));
  expect([narrow.seed_suv_bw, narrow.stopped_by_bound]).toEqual([10, false]);
  expect(regionFrom(GRID, suv_bw, seed, 0.3, 50).offsets).toHaveLength(11);
  const bounded = regionFrom(GRID, suv_bw, seed, 0.3, 4);
  expect([bounded.offsets.length, bounded.stopped_by_bound]).toEqual([5, true]);
});

it('does not leak from one row of the image into the next', () => {
  const suv_bw = new Float32Array(21 * 21 * 11);
  suv_bw[offsetOf(20, 3, 3)] = 5;
  suv_bw[offsetOf(0, 4, 3)] = 5;
  expect(regionFrom(GRID, suv_bw, offsetOf(20, 3, 3), 0.5, 100).offsets).toEqual([offsetOf(20, 3, 3)]);
});

it('copies from the neighbouring slice only', () => {
  const lesion = [offsetOf(3, 4, 5), offsetOf(4, 4, 5), offsetOf(9, 9, 6)];
  expect(copiedFrom(GRID, lesion, 2, 5, 6)).toEqual([offsetOf(3, 4, 6), offsetOf(4, 4, 6)]);
  expect(copiedFrom(GRID, lesion, 1, 9, 8)).toEqual([offsetOf(9, 8, 6)]);
  expect(copiedFrom(GRID, lesion, 2, 5, 11)).toEqual([]);
});

it('combines with a proposal', () => {
  const [lesion, proposed] = [new Set([1, 2, 3]), new Set([3, 4])];
  expect(sorted(combined(lesion, proposed, 'union'))).toEqual([1, 2, 3, 4]);
  expect(combined(lesion, proposed, 'intersection')).toEqual([3]);
  expect(combined(lesion, proposed, 'minus')).toEqual([1, 2]);
});
