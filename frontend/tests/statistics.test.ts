// Lesion measures against values worked out by hand.
import { expect, it } from 'vitest';
import { lesionStatistics } from '../src/viewer/statistics';
import { GRID } from './grid';

it('measures every label on its own', () => {
  const labels = new Uint8Array(21 * 21 * 11);
  const suv_bw = new Float32Array(labels.length).fill(1);
  labels.set([1, 1, 2, 0], 5);
  suv_bw.set([4, 8, 3, 50], 5);
  const found = lesionStatistics(GRID, labels, suv_bw);
  expect([...found.keys()]).toEqual([1, 2]);
  expect(found.get(1)).toMatchObject({ voxels: 2, suv_bw_max: 8, suv_bw_mean: 6 });
  expect(found.get(1)?.mtv_ml).toBeCloseTo(0.032, 12);
  expect(found.get(1)?.tlg_ml).toBeCloseTo(0.192, 12);
});
