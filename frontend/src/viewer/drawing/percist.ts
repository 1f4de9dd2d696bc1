// The PERCIST threshold: 1.5 × SULmean of the liver + 2 SD, from a sphere of 3 cm that the reader places in the right lobe.
//
// Wahl et al., J Nucl Med 2009;50(Suppl 1):122S; O et al., Radiology 2016;280:576. Measured on SUL, told in SUVbw as well.
import type { Geometry, Vec3 } from '../../lib/lps';
import { brushOffsets } from '../brushes';
import { type Body, sulPerSuvBw } from './lean_body_mass';

export const LIVER_RADIUS_MM = 15;

export interface LiverReference {
  readonly centre_lps_mm: Vec3;
  readonly voxels: number;
  readonly sul_mean: number;
  readonly sul_sd: number;
  readonly threshold_sul: number;
  readonly threshold_suv_bw: number;
}

/** The reference at a place, or the sentence that says why there is none. SD is the sample's (n − 1). */
export function liverReference(
  grid: Geometry,
  suv_bw: ArrayLike<number>,
  centre_lps_mm: Vec3,
  body: Body,
): LiverReference | string {
  const sul_per_suv_bw = sulPerSuvBw(body);
  if (typeof sul_per_suv_bw === 'string') return sul_per_suv_bw;
  const sul = brushOffsets(grid, centre_lps_mm, LIVER_RADIUS_MM, null).map((offset) => suv_bw[offset] * sul_per_suv_bw);
  if (sul.length < 2) return 'The liver sphere lies outside the PET: place it in the right lobe of the liver.';
  const sul_mean = sul.reduce((sum, value) => sum + value, 0) / sul.length;
  const sul_sd = Math.sqrt(sul.reduce((sum, value) => sum + (value - sul_mean) ** 2, 0) / (sul.length - 1));
  const threshold_sul = 1.5 * sul_mean + 2 * sul_sd;
  const threshold_suv_bw = threshold_sul / sul_per_suv_bw;
  return { centre_lps_mm, voxels: sul.length, sul_mean, sul_sd, threshold_sul, threshold_suv_bw };
}
