// The isocontour takes the connected voxels around the hottest one that reach the threshold.
import { expect, it } from 'vitest';
import { isocontour } from '../src/viewer/isocontour';
import { GRID, offsetOf } from './grid';

function hotSpots(): Float32Array {
  const suv_bw = new Float32Array(21 * 21 * 11).fill(1);
  suv_bw[offsetOf(10, 10, 5)] = 10;
  suv_bw[offsetOf(11, 10, 5)] = 5;
  suv_bw[offsetOf(12, 10, 5)] = 4;
  suv_bw[offsetOf(10, 10, 6)] = 4.2;
  // as hot as the threshold, but not joined
  suv_bw[offsetOf(10, 13, 5)] = 9;
  return suv_bw;
}

it('takes 41 % of the maximum and leaves out what is not joined', () => {
  const found = isocontour(GRID, hotSpots(), [0, 0, 0], 12, { kind: 'fraction', fraction: 0.41 });
  expect(found.threshold_suv_bw).toBeCloseTo(4.1);
  expect(found.offsets.sort((a, b) => a - b)).toEqual([offsetOf(10, 10, 5), offsetOf(11, 10, 5), offsetOf(10, 10, 6)]);
});

it('takes a fixed SUV', () => {
  const found = isocontour(GRID, hotSpots(), [0, 0, 0], 12, { kind: 'fixed', suv_bw: 4 });
  expect(found.offsets).toHaveLength(4);
});

it('finds nothing when the threshold is above the maximum', () => {
  expect(isocontour(GRID, hotSpots(), [0, 0, 0], 12, { kind: 'fixed', suv_bw: 11 }).offsets).toEqual([]);
});

it('finds nothing outside the grid', () => {
  expect(isocontour(GRID, hotSpots(), [900, 0, 0], 12, { kind: 'fixed', suv_bw: 1 }).offsets).toEqual([]);
});
