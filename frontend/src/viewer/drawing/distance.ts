// Exact Euclidean distances in mm to the nearest voxel of a mask, on voxels of any shape.
//
// Lower envelope of parabolas, one axis after the other: Felzenszwalb & Huttenlocher, Theory of Computing 2012;8:415.
import type { Vec3 } from '../../lib/lps';
import { type BoxMask, stridesOf } from './box';

/** For every voxel of the box the squared distance (mm²) to the nearest voxel whose value is `to`; Infinity without one. */
export function squaredDistances(mask: BoxMask, spacing_mm: Vec3, to: 0 | 1, axes: readonly number[] = [0, 1, 2]) {
  const squared = Float64Array.from(mask.inside, (value) => (value === to ? 0 : Infinity));
  for (const axis of axes) alongAxis(squared, mask, axis, spacing_mm[axis]);
  return squared;
}

function alongAxis(squared: Float64Array, mask: BoxMask, axis: number, step_mm: number): void {
  const count = mask.size_xyz[axis];
  const stride = stridesOf(mask)[axis];
  const line = new Line(count, step_mm);
  for (let start = 0; start < squared.length; start++) {
    if (Math.floor(start / stride) % count === 0) line.transform(squared, start, stride);
  }
}

/** One row of voxels: the lower envelope of a parabola over each of them. */
class Line {
  private readonly values: Float64Array;
  private readonly roots: Int32Array;
  private readonly from_mm: Float64Array;

  constructor(
    private readonly count: number,
    private readonly step_mm: number,
  ) {
    this.values = new Float64Array(count);
    this.roots = new Int32Array(count);
    this.from_mm = new Float64Array(count);
  }

  transform(squared: Float64Array, start: number, stride: number): void {
    for (let i = 0; i < this.count; i++) this.values[i] = squared[start + i * stride];
    const parabolas = this.envelope();
    if (parabolas === 0) return;
    for (let i = 0, k = 0; i < this.count; i++) {
      while (k + 1 < parabolas && this.from_mm[k + 1] < i * this.step_mm) k++;
      const away_mm = (i - this.roots[k]) * this.step_mm;
      squared[start + i * stride] = this.values[this.roots[k]] + away_mm * away_mm;
    }
  }

  private envelope(): number {
    let k = -1;
    for (let i = 0; i < this.count; i++) {
      if (this.values[i] === Infinity) continue;
      while (k > 0 && this.meetingOf(this.roots[k], i) <= this.from_mm[k]) k--;
      // The first one reaches to the left without end, so a second one may only push it out where it meets it there.
      k++;
      this.roots[k] = i;
      this.from_mm[k] = k === 0 ? -Infinity : this.meetingOf(this.roots[k - 1], i);
    }
    return k + 1;
  }

  /** Where the parabola over voxel b gets lower than the one over voxel a (a < b). */
  private meetingOf(a: number, b: number): number {
    const a_mm = a * this.step_mm;
    const b_mm = b * this.step_mm;
    return (this.values[b] + b_mm * b_mm - this.values[a] - a_mm * a_mm) / (2 * (b_mm - a_mm));
  }
}
