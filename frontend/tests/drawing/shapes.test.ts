// Grow, shrink, islands, holes and interpolation against scipy (tests/known_answers/shapes.py).
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Geometry, Vec3 } from '../../src/lib/lps';
import { withoutIslands } from '../../src/viewer/drawing/components';
import { withoutHoles } from '../../src/viewer/drawing/holes';
import { interpolated } from '../../src/viewer/drawing/interpolation';
import { grown, shrunk } from '../../src/viewer/drawing/margin';

interface Answers {
  size_xyz: Vec3;
  spacing_mm: Vec3;
  lesion: number[];
  grown: Record<string, number[]>;
  shrunk: Record<string, number[]>;
  largest: number[];
  at_least_a_tenth_ml: number[];
  filled: number[];
  filled_in_axial_slices: number[];
  two_slices: number[];
  interpolated: number[];
}

const FILE = new URL('../../../tests/known_answers/shapes.json', import.meta.url);
const answers: Answers = JSON.parse(readFileSync(FILE, 'utf8'));
const { lesion, size_xyz, spacing_mm } = answers;
const grid: Geometry = { size_xyz, spacing_mm, origin_lps_mm: [0, 0, 0], direction: [1, 0, 0, 0, 1, 0, 0, 0, 1] };
const sorted = (offsets: number[]) => offsets.sort((a, b) => a - b);

for (const mm of ['2.0', '4.1', '7.5']) {
  it(`grows and shrinks by ${mm} mm as scipy does`, () => {
    expect(grown(grid, lesion, Number(mm))).toEqual(answers.grown[mm]);
    expect(shrunk(grid, lesion, Number(mm))).toEqual(answers.shrunk[mm]);
  });
}

it('keeps the largest part, or the parts of enough volume', () => {
  expect(withoutIslands(grid, lesion, { keep: 'largest' })).toEqual(answers.largest);
  expect(withoutIslands(grid, lesion, { keep: 'at_least', volume_ml: 0.1 })).toEqual(answers.at_least_a_tenth_ml);
});

it('fills holes in space, and in each slice by itself', () => {
  expect(withoutHoles(grid, lesion, null)).toEqual(answers.filled);
  expect(withoutHoles(grid, lesion, 2)).toEqual(answers.filled_in_axial_slices);
});

it('fills the slices between two drawn ones', () => {
  expect(sorted(interpolated(grid, answers.two_slices, 2))).toEqual(answers.interpolated);
});

it('makes nothing of nothing', () => {
  for (const shape of [
    grown(grid, [], 3),
    shrunk(grid, [], 3),
    withoutHoles(grid, [], null),
    interpolated(grid, [], 2),
    withoutIslands(grid, [], { keep: 'largest' }),
  ])
    expect(shape).toEqual([]);
});
