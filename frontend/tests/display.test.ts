// Geometry of the display: the turning MIP, the scale bar, and where a case is looked at first.
import { expect, it } from 'vitest';
import { type Geometry, middleOfOverlap, type Vec3 } from '../src/lib/lps';
import { angleOf, hottestAlong, turnedAboutLongAxis } from '../src/viewer/mip';
import { scaleBarMm } from '../src/viewer/overlay';

const grid = (size: number, spacing_mm: number, origin_lps_mm: Vec3): Geometry => ({
  size_xyz: [size, size, size],
  spacing_mm: [spacing_mm, spacing_mm, spacing_mm],
  origin_lps_mm,
  direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
});
const FRONT: Vec3 = [0, -1, 0];

it('turns about the long axis, a whole turn back to the front', () => {
  const turned = turnedAboutLongAxis([0.6, -0.8, 0.5], 360);
  for (const axis of [0, 1, 2]) expect(turned[axis]).toBeCloseTo([0.6, -0.8, 0.5][axis], 12);
});

it.each([0, 15, 90, 180, 270, 359])('names the angle from which the MIP is seen: %s°', (degrees) => {
  expect(angleOf(turnedAboutLongAxis(FRONT, degrees))).toBe(degrees);
});

it('finds the hottest voxel along a line of sight', () => {
  const suv_bw = new Float32Array(1000);
  suv_bw[5 + 10 * (7 + 10 * 3)] = 9;
  const found = hottestAlong(grid(10, 4, [0, 0, 0]), suv_bw, [20, 0, 12], FRONT) as Vec3;
  expect(Math.abs(found[1] - 28)).toBeLessThanOrEqual(2);
  expect(hottestAlong(grid(10, 4, [0, 0, 0]), suv_bw, [200, 0, 12], FRONT)).toBeNull();
});

it.each([
  [0.1, 500],
  [1, 100],
  [2.4, 50],
  [30, 2],
  [500, 1],
])('draws a scale bar of a customary length at %s pixels per mm', (pixels_per_mm, length_mm) => {
  expect(scaleBarMm(pixels_per_mm)).toBe(length_mm);
});

it('first looks at a voxel that both volumes hold, also where one is a part of the other', () => {
  const ct = grid(11, 2, [100, 100, 0]);
  const pet = grid(50, 4, [0, 0, -100]);
  expect(middleOfOverlap(ct, pet)).toEqual([112, 112, 12]);
});
