// PET/CT beside the histology, as the paper's Figure 2: the slice with the most ROI, as CT, PET and fused with its outline.
import { getBytes, getJson } from '../api/client';
import { el } from '../lib/dom';
import { type Geometry, indexToLps, lpsToIndex, moved, type Vec3 } from '../lib/lps';
import type { Manifest, VolumeEntry } from '../viewer/manifest';

interface Slice {
  readonly index: number;
  readonly values: Float32Array;
}

const CT_WINDOW_HU: readonly [number, number] = [-160, 240];
const SUV_UPPER = 10;
const OUTLINE_RGB = [0, 255, 120] as const;

/** Draws into `element` (data-manifest-url) what the person may see; the server decides. */
export async function showPetCt(element: HTMLElement): Promise<void> {
  const status = el('p', { class: 'text-secondary p-3 m-0', role: 'status' }, 'Loading PET/CT …');
  element.append(status);
  try {
    const manifest = await getJson<Manifest>(element.dataset.manifestUrl as string);
    const { ct, pet } = manifest.volumes;
    const labels = manifest.revision ? new Uint8Array(await getBytes(manifest.revision.url)) : null;
    const pet_geometry = moved(pet.geometry, manifest.offset_lps_mm);
    const pet_slice = await sliceOf(pet, fullest(labels, pet.geometry));
    const place = indexToLps(pet_geometry, [0, 0, pet_slice.index]);
    const ct_index = Math.round(lpsToIndex(ct.geometry, place)[2]);
    const ct_slice = await sliceOf(ct, Math.min(ct.geometry.size_xyz[2] - 1, Math.max(0, ct_index)));
    const onto = petOnCt(ct.geometry, ct_slice.index, pet_geometry);
    element.append(
      ...['CT', 'PET', 'PET/CT with ROI'].map((title) => panel(title, ct, ct_slice, pet_slice, labels, onto)),
    );
    status.textContent = manifest.revision
      ? `Slice ${pet_slice.index + 1} of the PET, where the ROI is largest. CT −160 to 240 HU; PET 0 to ${SUV_UPPER} SUVbw.`
      : `No ROI is settled yet: the middle slice. CT −160 to 240 HU; PET 0 to ${SUV_UPPER} SUVbw.`;
    element.setAttribute('data-state', 'drawn');
  } catch (error) {
    status.textContent = (error as Error).message;
  }
}

/** The slice with the most labelled voxels; without any, the middle one. */
function fullest(labels: Uint8Array | null, { size_xyz: [nx, ny, nz] }: Geometry): number {
  const counts = Array.from({ length: nz }, (_, z) =>
    labels ? labels.subarray(z * nx * ny, (z + 1) * nx * ny).reduce((sum, label) => sum + Number(label > 0), 0) : 0,
  );
  const most = Math.max(...counts);
  return most > 0 ? counts.indexOf(most) : Math.floor(nz / 2);
}

async function sliceOf({ slabs, dtype, slope, intercept, geometry }: VolumeEntry, index: number): Promise<Slice> {
  const slab = slabs.find(({ first_slice, slice_count }) => index >= first_slice && index < first_slice + slice_count);
  if (!slab) throw new Error('The images of this patient have no such slice.');
  const bytes = await getBytes(slab.url);
  const stored = dtype === 'int16' ? new Int16Array(bytes) : new Uint16Array(bytes);
  const size = geometry.size_xyz[0] * geometry.size_xyz[1];
  const first = (index - slab.first_slice) * size;
  return {
    index,
    values: Float32Array.from(stored.subarray(first, first + size), (value) => value * slope + intercept),
  };
}

/** For each pixel of the CT slice the PET pixel there, or −1 outside the PET. */
function petOnCt(ct: Geometry, ct_index: number, pet: Geometry): Int32Array {
  const [nx, ny] = ct.size_xyz;
  const [px, py] = pet.size_xyz;
  return Int32Array.from({ length: nx * ny }, (_, offset) => {
    const place = indexToLps(ct, [offset % nx, Math.floor(offset / nx), ct_index] as Vec3);
    const [x, y] = lpsToIndex(pet, place).map(Math.round);
    return x < 0 || y < 0 || x >= px || y >= py ? -1 : y * px + x;
  });
}

function panel(
  title: string,
  ct: VolumeEntry,
  ct_slice: Slice,
  pet_slice: Slice,
  labels: Uint8Array | null,
  onto: Int32Array,
): HTMLElement {
  const [nx, ny] = ct.geometry.size_xyz;
  const canvas = el('canvas', { width: nx, height: ny, role: 'img', 'aria-label': `${title}, axial` });
  const picture = new ImageData(nx, ny);
  const of_slice = labels?.subarray(pet_slice.index * pet_slice.values.length);
  const inRoi = (offset: number) => onto[offset] >= 0 && (of_slice?.[onto[offset]] ?? 0) > 0;
  for (let offset = 0; offset < nx * ny; offset++) {
    const grey = share(ct_slice.values[offset], ...CT_WINDOW_HU);
    const heat = onto[offset] < 0 ? 0 : share(pet_slice.values[onto[offset]], 0, SUV_UPPER);
    const on_edge =
      inRoi(offset) && !(inRoi(offset + 1) && inRoi(offset - 1) && inRoi(offset + nx) && inRoi(offset - nx));
    picture.data.set(colour(title, grey, heat, on_edge), 4 * offset);
  }
  canvas.getContext('2d')?.putImageData(picture, 0, 0);
  return el('figure', { class: 'petct-pane m-0' }, canvas, el('figcaption', {}, title));
}

const share = (value: number, low: number, high: number) => Math.min(1, Math.max(0, (value - low) / (high - low)));

function colour(title: string, grey: number, heat: number, on_edge: boolean): readonly number[] {
  if (title === 'CT') return [255 * grey, 255 * grey, 255 * grey, 255];
  if (title === 'PET') return [255 * (1 - heat), 255 * (1 - heat), 255 * (1 - heat), 255];
  if (on_edge) return [...OUTLINE_RGB, 255];
  const hot = [Math.min(1, 3 * heat), Math.min(1, Math.max(0, 3 * heat - 1)), Math.max(0, 3 * heat - 2)];
  return [...hot.map((part) => 255 * Math.min(1, 0.6 * grey + part)), 255];
}
