// Stored voxels become values, and a preview fills the full grid.
import { expect, it } from 'vitest';
import { decodeInto, spreadPreview } from '../src/viewer/loading';
import { GRID } from './grid';

it('scales stored values', () => {
  const target = new Float32Array(4);
  decodeInto(target, 1, Uint16Array.from([0, 100]), 0.5, -1);
  expect([...target]).toEqual([0, -1, 49, 0]);
});

it('puts each preview voxel where it lies in space', () => {
  const preview = { ...GRID, size_xyz: [11, 11, 6] as const, spacing_mm: [4, 4, 8] as const };
  const coarse = Int16Array.from({ length: 11 * 11 * 6 }, (_, offset) => offset);
  const full = new Int16Array(21 * 21 * 11);
  spreadPreview(full, GRID, { voxels: coarse, geometry: preview });
  expect(full[0]).toBe(0);
  expect(full[20 + 21 * (20 + 21 * 10)]).toBe(11 * 11 * 6 - 1);
  expect(full[4 + 21 * (2 + 21 * 4)]).toBe(2 + 11 * (1 + 11 * 2));
});

it('fills only the slices that are asked for', () => {
  const full = new Int16Array(21 * 21 * 11);
  spreadPreview(full, GRID, { voxels: new Int16Array(21 * 21 * 11).fill(7), geometry: GRID }, 4, 3);
  const slices = Array.from({ length: 11 }, (_, z) => full.subarray(21 * 21 * z, 21 * 21 * (z + 1)));
  expect(slices.map((slice) => slice.every((value) => value === 7))).toEqual(
    Array.from({ length: 11 }, (_, z) => z >= 4 && z < 7),
  );
});
