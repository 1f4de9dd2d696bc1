// What lies under the pointer: HU, SUVbw and the place in patient space, from the arrays and not from the screen.
import { el } from '../lib/dom';
import { type Geometry, type Vec3, voxelOffsetAt } from '../lib/lps';
import { formatHu, formatMm, formatSuvBw } from '../lib/units';

export interface Sampled {
  readonly hu: number | null;
  readonly suv_bw: number | null;
}

export class Readout {
  readonly element = el('dl', { class: 'viewer-readout', 'aria-label': 'Values under the pointer' });
  private readonly hu = el('dd', { id: 'readout-hu' });
  private readonly suv_bw = el('dd', { id: 'readout-suv' });
  private readonly place = el('dd', { id: 'readout-place' });

  constructor(private readonly sample: (place: Vec3) => Sampled) {
    const rows: [string, HTMLElement, string][] = [
      ['CT', this.hu, 'HU'],
      ['PET', this.suv_bw, 'SUVbw'],
      ['L P H', this.place, 'mm'],
    ];
    for (const [name, value, unit] of rows) {
      this.element.append(el('div', {}, el('dt', {}, name), value, el('dd', { class: 'unit' }, unit)));
    }
    this.show(null);
  }

  show(place: Vec3 | null): void {
    const { hu, suv_bw } = place ? this.sample(place) : { hu: null, suv_bw: null };
    this.hu.textContent = formatHu(hu);
    this.suv_bw.textContent = formatSuvBw(suv_bw);
    this.place.textContent = (place ?? [null, null, null]).map(formatMm).join('  ');
  }
}

/** Values of the voxels that hold a place; null where that modality has no voxel. */
export function sampleAt(
  place: Vec3,
  ct: { geometry: Geometry; hu: Int16Array },
  pet: { geometry: Geometry; suv_bw: Float32Array },
): Sampled {
  const ct_offset = voxelOffsetAt(ct.geometry, place);
  const pet_offset = voxelOffsetAt(pet.geometry, place);
  return {
    hu: ct_offset === null ? null : ct.hu[ct_offset],
    suv_bw: pet_offset === null ? null : pet.suv_bw[pet_offset],
  };
}
