// Patient space (LPS, mm) and voxel grids: where a voxel lies, and which voxel a place is in. No framework.

export type Vec3 = readonly [number, number, number];

/** A regular grid in patient space. direction is 3×3 row-major; its columns are the axes of x, y and z. */
export interface Geometry {
  readonly size_xyz: Vec3;
  readonly spacing_mm: Vec3;
  readonly origin_lps_mm: Vec3;
  readonly direction: readonly number[];
}

export const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Vec3, factor: number): Vec3 => [a[0] * factor, a[1] * factor, a[2] * factor];
export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** Unit vector (LPS) along which index number `axis` grows. */
export function axisOf({ direction }: Geometry, axis: number): Vec3 {
  return [direction[axis], direction[3 + axis], direction[6 + axis]];
}

export function voxelCount({ size_xyz: [nx, ny, nz] }: Geometry): number {
  return nx * ny * nz;
}

export function voxelVolumeMl({ spacing_mm: [sx, sy, sz] }: Geometry): number {
  return (sx * sy * sz) / 1000;
}

/** The same grid moved by an offset (LPS, mm). */
export function moved(geometry: Geometry, offset_lps_mm: Vec3): Geometry {
  return { ...geometry, origin_lps_mm: add(geometry.origin_lps_mm, offset_lps_mm) };
}

/** Centre of a voxel (index may be fractional) in LPS mm. */
export function indexToLps(geometry: Geometry, index_xyz: Vec3): Vec3 {
  let place = geometry.origin_lps_mm;
  for (const axis of [0, 1, 2]) {
    place = add(place, scale(axisOf(geometry, axis), index_xyz[axis] * geometry.spacing_mm[axis]));
  }
  return place;
}

/** Fractional index of a place; the direction matrix is orthonormal, so its transpose is its inverse. */
export function lpsToIndex(geometry: Geometry, place_lps_mm: Vec3): Vec3 {
  const from_origin = subtract(place_lps_mm, geometry.origin_lps_mm);
  const along = (axis: number) => dot(axisOf(geometry, axis), from_origin) / geometry.spacing_mm[axis];
  return [along(0), along(1), along(2)];
}

/** Offset into the z-major voxel array of the voxel that holds the place, or null outside the grid. */
export function voxelOffsetAt(geometry: Geometry, place_lps_mm: Vec3): number | null {
  const [x, y, z] = lpsToIndex(geometry, place_lps_mm).map(Math.round);
  const [nx, ny, nz] = geometry.size_xyz;
  if (x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz) return null;
  return x + nx * (y + ny * z);
}

/** Middle of the grid in LPS mm. */
export function centreOf(geometry: Geometry): Vec3 {
  const [nx, ny, nz] = geometry.size_xyz;
  return indexToLps(geometry, [(nx - 1) / 2, (ny - 1) / 2, (nz - 1) / 2]);
}

/** The voxel centre of b nearest to the middle of what both grids cover, in LPS mm. */
export function middleOfOverlap(a: Geometry, b: Geometry): Vec3 {
  const [box_a, box_b] = [boundsOf(a), boundsOf(b)];
  const middle = (axis: number) => {
    const low = Math.max(box_a.low[axis], box_b.low[axis]);
    const high = Math.min(box_a.high[axis], box_b.high[axis]);
    return low <= high ? (low + high) / 2 : centreOf(a)[axis];
  };
  const [x, y, z] = lpsToIndex(b, [middle(0), middle(1), middle(2)]).map(Math.round);
  return indexToLps(b, [x, y, z]);
}

function boundsOf(geometry: Geometry): { low: Vec3; high: Vec3 } {
  const [nx, ny, nz] = geometry.size_xyz;
  const corners = [0, nx - 1].flatMap((x) =>
    [0, ny - 1].flatMap((y) => [0, nz - 1].map((z) => indexToLps(geometry, [x, y, z]))),
  );
  const along = (pick: (...values: number[]) => number): Vec3 => [
    pick(...corners.map(([x]) => x)),
    pick(...corners.map(([, y]) => y)),
    pick(...corners.map(([, , z]) => z)),
  ];
  return { low: along(Math.min), high: along(Math.max) };
}

/** The grid axis (0, 1, 2) that runs most nearly along a direction. */
export function axisAlong(geometry: Geometry, towards: Vec3): number {
  const alignment = [0, 1, 2].map((axis) => Math.abs(dot(axisOf(geometry, axis), towards)));
  return alignment.indexOf(Math.max(...alignment));
}

/** Letters for a direction in patient space: R/L, A/P, F/H, the strongest first, weaker ones when oblique (> 0.3). */
export function orientationLetters(towards: Vec3): string {
  const named = [
    { size: Math.abs(towards[0]), letter: towards[0] > 0 ? 'L' : 'R' },
    { size: Math.abs(towards[1]), letter: towards[1] > 0 ? 'P' : 'A' },
    { size: Math.abs(towards[2]), letter: towards[2] > 0 ? 'H' : 'F' },
  ];
  return named
    .filter(({ size }) => size > 0.3)
    .sort((a, b) => b.size - a.size)
    .map(({ letter }) => letter)
    .join('');
}
