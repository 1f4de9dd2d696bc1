// Lean body mass, SUL and the liver's threshold, against values worked out by hand.
import { expect, it } from 'vitest';
import { indexToLps } from '../../src/lib/lps';
import { leanBodyMassKg, sulPerSuvBw } from '../../src/viewer/drawing/lean_body_mass';
import { liverReference } from '../../src/viewer/drawing/percist';
import { GRID, offsetOf } from '../grid';

const BODY = { sex: 'F', height_m: 1.6, weight_kg: 64 } as const;

it('gives the lean body mass of Janmahasatian 2005', () => {
  // BMI 25: 9270 × 64 / (8780 + 244 × 25) and 9270 × 64 / (6680 + 216 × 25)
  expect(leanBodyMassKg('F', 1.6, 64)).toBeCloseTo(593280 / 14880, 10);
  expect(leanBodyMassKg('M', 1.6, 64)).toBeCloseTo(593280 / 12080, 10);
});

it('grows with weight also in obesity, where the formula of James turns over', () => {
  expect(leanBodyMassKg('F', 1.6, 150)).toBeGreaterThan(leanBodyMassKg('F', 1.6, 120));
});

it('refuses in a sentence where sex or height is missing', () => {
  expect(sulPerSuvBw({ ...BODY, height_m: null })).toMatch(/patient's height: use another threshold/);
  expect(sulPerSuvBw({ ...BODY, sex: null, height_m: null })).toMatch(/patient's sex and height/);
  expect(liverReference(GRID, [], [0, 0, 0], { ...BODY, sex: null })).toMatch(/sex/);
});

it('takes 1.5 × SULmean + 2 SD in a sphere of 3 cm', () => {
  const suv_bw = new Float32Array(21 * 21 * 11).fill(9);
  const liver = liverReference(GRID, suv_bw.fill(2), indexToLps(GRID, [10, 10, 5]), BODY);
  if (typeof liver === 'string') throw new Error(liver);
  const factor = 593280 / 14880 / 64;
  expect(liver.sul_mean).toBeCloseTo(2 * factor, 10);
  expect(liver.sul_sd).toBeCloseTo(0, 10);
  expect(liver.threshold_sul).toBeCloseTo(3 * factor, 10);
  expect(liver.threshold_suv_bw).toBeCloseTo(3, 10);
  // 3 cm across on voxels of 2 × 2 × 4 mm: 14.14 ml are 884 voxels, give or take 5 % at the surface.
  expect(Math.abs(liver.voxels - 884)).toBeLessThan(44);
});

it('adds two standard deviations of the sample', () => {
  const suv_bw = new Float32Array(21 * 21 * 11);
  for (let z = 0; z < 11; z++)
    for (let y = 0; y < 21; y++) for (let x = 0; x < 21; x++) suv_bw[offsetOf(x, y, z)] = x % 2 === 0 ? 2 : 3;
  const liver = liverReference(GRID, suv_bw, indexToLps(GRID, [10, 10, 5]), BODY);
  if (typeof liver === 'string') throw new Error(liver);
  const factor = 593280 / 14880 / 64;
  expect(liver.sul_sd / factor).toBeCloseTo(0.5, 2);
  expect(liver.threshold_sul).toBeCloseTo(1.5 * liver.sul_mean + 2 * liver.sul_sd, 12);
});

it('refuses a sphere beyond the image', () => {
  expect(liverReference(GRID, [], [500, 0, 0], BODY)).toMatch(/outside the PET/);
});
