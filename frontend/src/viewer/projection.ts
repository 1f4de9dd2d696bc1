// A coronal projection of what is drawn over that of the PET: enough to tell two versions apart at a glance.
import { el } from '../lib/dom';
import type { Geometry } from '../lib/lps';
import { colourOf } from './labels_display';

const SUV_BW_UPPER = 8;

/** A canvas of x by z: the largest SUV as inverted grey, and the first label met from the front in its colour. */
export function coronalProjection(
  { size_xyz: [nx, ny, nz], spacing_mm }: Geometry,
  suv_bw: ArrayLike<number>,
  labels: Uint8Array,
  title: string,
): HTMLCanvasElement {
  const canvas = el('canvas', { class: 'viewer-projection', width: nx, height: nz, role: 'img', 'aria-label': title });
  const image = new ImageData(nx, nz);
  for (let z = 0; z < nz; z++)
    for (let x = 0; x < nx; x++) {
      let [largest, met] = [0, 0];
      for (let y = 0, offset = x + nx * ny * z; y < ny; y++, offset += nx) {
        if (suv_bw[offset] > largest) largest = suv_bw[offset];
        if (met === 0) met = labels[offset];
      }
      const grey = 255 - Math.min(255, (255 * largest) / SUV_BW_UPPER);
      // The head is up, as on every coronal image here.
      image.data.set([...(met ? colourOf(met) : [grey, grey, grey]), 255], 4 * (x + nx * (nz - 1 - z)));
    }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  canvas.style.aspectRatio = `${nx * spacing_mm[0]} / ${nz * spacing_mm[2]}`;
  return canvas;
}
