// Lesion measures that follow every voxel, against values worked out by hand and against counting anew.
import { expect, it } from 'vitest';
import { placeWarning } from '../src/viewer/drawing/surroundings';
import { LesionTally } from '../src/viewer/statistics';
import { emptyLabelmap } from './grid';

const suv_bw = new Float32Array(21 * 21 * 11).fill(1);
const change = (labelmap: ReturnType<typeof emptyLabelmap>, offsets: number[], label: number) => {
  labelmap.beginStroke();
  labelmap.set(offsets, label, () => true);
  return labelmap.endStroke();
};

it('measures every label on its own', () => {
  const labelmap = emptyLabelmap();
  const values = suv_bw.slice();
  values.set([4, 8, 3, 50], 5);
  const tally = new LesionTally(labelmap, values, () => 'tissue');
  change(labelmap, [5, 6], 1);
  change(labelmap, [7], 2);
  const found = tally.all();
  expect([...found.keys()]).toEqual([1, 2]);
  expect(found.get(1)).toMatchObject({ voxels: 2, suv_bw_max: 8, suv_bw_mean: 6 });
  expect(found.get(1)?.mtv_ml).toBeCloseTo(0.032, 12);
  expect(found.get(1)?.tlg_g).toBeCloseTo(0.192, 12);
});

it('is the same after any strokes, undone and redone, as when everything is counted anew', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  const values = Float32Array.from(suv_bw, () => random(4000) / 100);
  const labelmap = emptyLabelmap();
  const tally = new LesionTally(labelmap, values, (offset) => (offset % 5 === 0 ? 'air' : 'tissue'));
  for (let stroke = 0; stroke < 60; stroke++) {
    const offsets = Array.from({ length: random(80) }, () => random(values.length));
    const made = change(labelmap, offsets, random(3));
    if (made && stroke % 4 === 0) labelmap.write(made.offsets, made.before);
    if (stroke % 3 === 0) tally.all();
  }
  const kept = tally.all();
  tally.rebuild();
  for (const [label, measured] of tally.all()) {
    expect(kept.get(label)).toMatchObject({ voxels: measured.voxels, suv_bw_max: measured.suv_bw_max });
    expect(kept.get(label)?.suv_bw_peak).toBe(measured.suv_bw_peak);
    expect(kept.get(label)?.in_air).toBe(measured.in_air);
    expect(kept.get(label)?.tlg_g).toBeCloseTo(measured.tlg_g, 9);
  }
});

it('finds the next hottest voxel when the hottest is taken away', () => {
  const labelmap = emptyLabelmap();
  const values = suv_bw.slice();
  values.set([4, 8, 3], 5);
  const tally = new LesionTally(labelmap, values, () => 'tissue');
  change(labelmap, [5, 6, 7], 1);
  expect(tally.all().get(1)?.suv_bw_max).toBe(8);
  change(labelmap, [6], 0);
  expect(tally.all().get(1)?.suv_bw_max).toBe(4);
  change(labelmap, [5, 7], 0);
  expect(tally.all().size).toBe(0);
});

it('warns of a lesion in air or outside the CT, and not of one that touches gas', () => {
  const lesion = { voxels: 100, in_air: 5, outside_ct: 0 };
  expect(placeWarning('Node', lesion)).toBeNull();
  expect(placeWarning('Node', { ...lesion, in_air: 6 })).toMatch(/“Node” lies in air .* 6 of its 100/);
  expect(placeWarning('Node', { ...lesion, outside_ct: 1 })).toMatch(/1 of its 100 voxels outside the CT/);
  expect(placeWarning('Node', { voxels: 0, in_air: 0, outside_ct: 0 })).toBeNull();
});
