// The second reading of "Compare readings": loaded beside the page's own and shown in the right half.
import { cache, type ImageVolume } from '@cornerstonejs/core';
import { getBytes } from '../api/client';
import { voxelCount } from '../lib/lps';
import { Labelmap } from './labelmap';
import { LabelsDisplay } from './labels_display';
import { VOLUME_IDS, type Workplace } from './workplace';

/** The display of the compared mask; null where the page compares nothing. */
export async function openCompared(workplace: Workplace): Promise<LabelsDisplay | null> {
  const { compared, volumes, frame_of_reference_uid } = workplace.manifest;
  if (!compared) return null;
  const voxels = new Uint8Array(await getBytes(compared.url));
  const expected = voxelCount(volumes.pet.geometry);
  if (voxels.length !== expected)
    throw new Error(`${compared.title} has ${voxels.length} voxels instead of the PET's ${expected}.`);
  const pet = cache.getVolume(VOLUME_IDS.pet) as ImageVolume;
  const labelmap = new Labelmap(volumes.pet.geometry, voxels);
  return new LabelsDisplay(labelmap, frame_of_reference_uid, pet, workplace.offset_lps_mm, 'compared');
}
