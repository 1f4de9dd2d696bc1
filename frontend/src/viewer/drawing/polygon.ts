// A closed contour filled on one slice of the PET grid: every voxel whose centre lies inside, by the even-odd rule.
//
// Cornerstone fills contours on the grid of the image that lies on top (the CT); a lesion lives on the PET's.
import { axisAlong, type Geometry, lpsToIndex, type Vec3 } from '../../lib/lps';

/** Voxels of the grid's slice nearest to the contour, seen along the normal; fewer than three points fill nothing. */
export function polygonOffsets(grid: Geometry, contour_lps_mm: readonly Vec3[], normal: Vec3): number[] {
  if (contour_lps_mm.length < 3) return [];
  const across = axisAlong(grid, normal);
  const [u, v] = [0, 1, 2].filter((axis) => axis !== across);
  const contour = contour_lps_mm.map((place) => lpsToIndex(grid, place));
  const slice = Math.round(contour[0][across]);
  if (slice < 0 || slice >= grid.size_xyz[across]) return [];
  const strides = [1, grid.size_xyz[0], grid.size_xyz[0] * grid.size_xyz[1]];
  const heights = contour.map((index) => index[v]);
  const first = Math.max(0, Math.ceil(Math.min(...heights)));
  const last = Math.min(grid.size_xyz[v] - 1, Math.floor(Math.max(...heights)));
  const offsets: number[] = [];
  for (let row = first; row <= last; row++) {
    const start = slice * strides[across] + row * strides[v];
    for (const at of columnsInside(crossings(contour, u, v, row), grid.size_xyz[u]))
      offsets.push(start + at * strides[u]);
  }
  return offsets;
}

/** Where the contour crosses a row of voxel centres, from left to right; a corner on the row counts once. */
function crossings(contour: readonly Vec3[], u: number, v: number, row: number): number[] {
  const found: number[] = [];
  contour.forEach((a, i) => {
    const b = contour[(i + 1) % contour.length];
    if (a[v] <= row === b[v] <= row) return;
    found.push(a[u] + ((row - a[v]) / (b[v] - a[v])) * (b[u] - a[u]));
  });
  return found.sort((a, b) => a - b);
}

function* columnsInside(crossed: readonly number[], count: number): Generator<number> {
  for (let pair = 0; pair + 1 < crossed.length; pair += 2) {
    const last = Math.min(count - 1, Math.ceil(crossed[pair + 1]) - 1);
    for (let at = Math.max(0, Math.ceil(crossed[pair])); at <= last; at++) yield at;
  }
}
