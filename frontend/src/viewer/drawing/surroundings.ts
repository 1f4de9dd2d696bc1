// What lies on the CT where a PET voxel is: tissue, air or nothing. A lesion in air is a slip of the hand or a PET off its CT.
//
// Below −900 HU: gas measures −1000 HU (−950 with noise), aerated lung −850 to −700, everything that can hold a tumour more.
import { type Geometry, indexToLps, voxelOffsetAt } from '../../lib/lps';
import { indexOf } from './box';

export const AIR_BELOW_HU = -900;
/** A lesion may touch gas in the bowel or the airway: this share of its voxels may lie in it. */
export const AIR_SHARE_ALLOWED = 0.05;

export type Surrounding = 'tissue' | 'air' | 'outside';

export function surroundingOf(pet: Geometry, offset: number, ct: Geometry, hu: ArrayLike<number>): Surrounding {
  const on_ct = voxelOffsetAt(ct, indexToLps(pet, indexOf(pet, offset)));
  if (on_ct === null) return 'outside';
  return hu[on_ct] < AIR_BELOW_HU ? 'air' : 'tissue';
}

/** What is odd about where a lesion lies, or null. */
export function placeWarning(
  name: string,
  { voxels, in_air, outside_ct }: { voxels: number; in_air: number; outside_ct: number },
) {
  if (voxels === 0) return null;
  if (outside_ct > 0) return `“${name}” has ${outside_ct} of its ${voxels} voxels outside the CT.`;
  if (in_air / voxels <= AIR_SHARE_ALLOWED) return null;
  return `“${name}” lies in air (CT below −900 HU) with ${in_air} of its ${voxels} voxels: is it in the right place, and does the PET lie on the CT?`;
}
