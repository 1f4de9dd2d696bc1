// A small grid and an empty labelmap on it, for tests of drawing.
import type { Geometry } from '../src/lib/lps';
import { Labelmap } from '../src/viewer/labelmap';

export const GRID: Geometry = {
  size_xyz: [21, 21, 11],
  spacing_mm: [2, 2, 4],
  origin_lps_mm: [-20, -20, -20],
  direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
};

export const offsetOf = (x: number, y: number, z: number) => x + 21 * (y + 21 * z);
export const emptyLabelmap = () => new Labelmap(GRID, new Uint8Array(21 * 21 * 11));
