// Isocontour in a ball: the voxels joined to the hottest one that reach a share of it, a fixed SUV or PERCIST's threshold.
//
// 41 and 50 % of SUVmax: Boellaard et al., EANM procedure guidelines for FDG PET/CT 2.0, Eur J Nucl Med Mol Imaging
// 2015;42:328. SUV 2.5 and 4.0: the fixed thresholds in use for MTV. PERCIST: drawing/percist.ts.
import type { Geometry, Vec3 } from '../lib/lps';
import { brushOffsets } from './brushes';

export type Threshold =
  | { readonly kind: 'fraction'; readonly fraction: number }
  | { readonly kind: 'fixed'; readonly suv_bw: number }
  | { readonly kind: 'percist'; readonly suv_bw: number };

export interface Isocontour {
  readonly offsets: number[];
  readonly suv_bw_max: number;
  readonly threshold_suv_bw: number;
}

export function isocontour(
  geometry: Geometry,
  suv_bw: ArrayLike<number>,
  centre_lps_mm: Vec3,
  radius_mm: number,
  threshold: Threshold,
): Isocontour {
  const ball = brushOffsets(geometry, centre_lps_mm, radius_mm, null);
  if (ball.length === 0) return { offsets: [], suv_bw_max: Number.NaN, threshold_suv_bw: Number.NaN };
  const hottest = ball.reduce((best, offset) => (suv_bw[offset] > suv_bw[best] ? offset : best));
  const suv_bw_max = suv_bw[hottest];
  const threshold_suv_bw = threshold.kind === 'fraction' ? threshold.fraction * suv_bw_max : threshold.suv_bw;
  const open = new Set(ball.filter((offset) => suv_bw[offset] >= threshold_suv_bw));
  return { offsets: joinedTo(hottest, open, geometry), suv_bw_max, threshold_suv_bw };
}

/** Face-connected part of `open` that holds `start`; empty when start itself is not open. Consumes `open`. */
function joinedTo(start: number, open: Set<number>, { size_xyz: [nx, ny] }: Geometry): number[] {
  const joined: number[] = [];
  const front = open.delete(start) ? [start] : [];
  while (front.length > 0) {
    const offset = front.pop() as number;
    joined.push(offset);
    const x = offset % nx;
    const y = Math.floor(offset / nx) % ny;
    const neighbours = [offset - nx * ny, offset + nx * ny];
    if (x > 0) neighbours.push(offset - 1);
    if (x < nx - 1) neighbours.push(offset + 1);
    if (y > 0) neighbours.push(offset - nx);
    if (y < ny - 1) neighbours.push(offset + nx);
    for (const neighbour of neighbours) if (open.delete(neighbour)) front.push(neighbour);
  }
  return joined;
}
