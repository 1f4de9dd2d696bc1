// Which voxels a brush covers: a ball, or a disc one slice thick in the plane that the reader looks at.
import { axisAlong, type Geometry, lpsToIndex, type Vec3 } from '../lib/lps';

/** Offsets of voxels whose centre lies within radius_mm of the place; with a normal, only in the slice nearest to it. */
export function brushOffsets(
  geometry: Geometry,
  place_lps_mm: Vec3,
  radius_mm: number,
  disc_normal: Vec3 | null,
): number[] {
  const centre = lpsToIndex(geometry, place_lps_mm);
  const flat = disc_normal === null ? -1 : axisAlong(geometry, disc_normal);
  const low = [0, 0, 0];
  const high = [0, 0, 0];
  for (const axis of [0, 1, 2]) {
    const reach = radius_mm / geometry.spacing_mm[axis];
    low[axis] = axis === flat ? Math.round(centre[axis]) : Math.ceil(centre[axis] - reach);
    high[axis] = axis === flat ? low[axis] : Math.floor(centre[axis] + reach);
    low[axis] = Math.max(0, low[axis]);
    high[axis] = Math.min(geometry.size_xyz[axis] - 1, high[axis]);
  }
  return within(geometry, centre, radius_mm, low, high, flat);
}

function within(
  geometry: Geometry,
  centre: Vec3,
  radius_mm: number,
  low: number[],
  high: number[],
  flat: number,
): number[] {
  const [nx, ny] = geometry.size_xyz;
  const squared_mm = (axis: number, index: number) =>
    axis === flat ? 0 : ((index - centre[axis]) * geometry.spacing_mm[axis]) ** 2;
  const offsets: number[] = [];
  for (let z = low[2]; z <= high[2]; z++) {
    for (let y = low[1]; y <= high[1]; y++) {
      const left_mm = radius_mm ** 2 - squared_mm(2, z) - squared_mm(1, y);
      for (let x = low[0]; x <= high[0]; x++) if (squared_mm(0, x) <= left_mm) offsets.push(x + nx * (y + ny * z));
    }
  }
  return offsets;
}

/** Places along a drag, close enough that the brush leaves no gaps. */
export function strokePlaces(from_lps_mm: Vec3, to_lps_mm: Vec3, radius_mm: number): Vec3[] {
  const length_mm = Math.hypot(...from_lps_mm.map((value, axis) => to_lps_mm[axis] - value));
  const steps = Math.max(1, Math.ceil(length_mm / Math.max(0.5, radius_mm / 2)));
  const between = (axis: number, step: number) =>
    from_lps_mm[axis] + ((to_lps_mm[axis] - from_lps_mm[axis]) * step) / steps;
  return Array.from({ length: steps }, (_, i): Vec3 => [between(0, i + 1), between(1, i + 1), between(2, i + 1)]);
}
