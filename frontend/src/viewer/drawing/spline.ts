// A smooth closed curve through a few points: uniform Catmull-Rom (Computer Aided Geometric Design 1974, 317), as a polygon.
import { add, scale, subtract, type Vec3 } from '../../lib/lps';

const STEPS = 16;

/** The curve as a closed polygon, STEPS points for each of the given ones; two points or fewer stay as they are. */
export function closedSpline(points: readonly Vec3[]): Vec3[] {
  if (points.length < 3) return [...points];
  const at = (i: number) => points[(i + points.length) % points.length];
  return points.flatMap((_, i) =>
    Array.from({ length: STEPS }, (_, step) => between(at(i - 1), at(i), at(i + 1), at(i + 2), step / STEPS)),
  );
}

/** The point at t (0 to 1) of the cubic from b to c whose tangents are half of c − a and half of d − b. */
function between(a: Vec3, b: Vec3, c: Vec3, d: Vec3, t: number): Vec3 {
  const start = scale(subtract(c, a), 0.5);
  const end = scale(subtract(d, b), 0.5);
  const terms: [Vec3, number][] = [
    [b, 2 * t ** 3 - 3 * t ** 2 + 1],
    [start, t ** 3 - 2 * t ** 2 + t],
    [c, -2 * t ** 3 + 3 * t ** 2],
    [end, t ** 3 - t ** 2],
  ];
  return terms.reduce((sum, [part, weight]) => add(sum, scale(part, weight)), [0, 0, 0] as Vec3);
}
