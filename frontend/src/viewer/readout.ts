// What lies under the pointer, or under the crosshair while no pointer is over a pane: HU, SUVbw and the place in patient
// space, from the arrays and not from the screen; beside the SUV what its passport warns of.
import { el } from '../lib/dom';
import { type Geometry, type Vec3, voxelOffsetAt } from '../lib/lps';
import { formatHu, formatMm, formatSuvBw } from '../lib/units';

export interface Sampled {
  readonly hu: number | null;
  readonly suv_bw: number | null;
  /** Slices (from 1) of the CT and the PET that hold the place */
  readonly ct_slice: number | null;
  readonly pet_slice: number | null;
}

const NOTHING: Sampled = { hu: null, suv_bw: null, ct_slice: null, pet_slice: null };

export class Readout {
  readonly element: HTMLElement;
  private readonly hu = el('dd', { id: 'readout-hu' });
  private readonly suv_bw = el('dd', { id: 'readout-suv' });
  private readonly place = el('dd', { id: 'readout-place' });
  private readonly slices = el('dd', { id: 'readout-slices' });

  constructor(
    private readonly sample: (place: Vec3) => Sampled,
    warnings: readonly string[],
  ) {
    const rows: [string, HTMLElement, string][] = [
      ['CT', this.hu, 'HU'],
      ['PET', this.suv_bw, 'SUVbw'],
      ['L P H', this.place, 'mm'],
      ['Slice', this.slices, ''],
    ];
    const list = el('dl', { 'aria-label': 'Values under the pointer or the crosshair' });
    for (const [name, value, unit] of rows) {
      list.append(el('div', {}, el('dt', {}, name), value, unit ? el('dd', { class: 'unit' }, unit) : null));
    }
    this.element = el('div', { class: 'viewer-readout' }, list, warningsOf(warnings));
    this.show(null);
  }

  show(place: Vec3 | null): void {
    const { hu, suv_bw, ct_slice, pet_slice } = place ? this.sample(place) : NOTHING;
    this.hu.textContent = formatHu(hu);
    this.suv_bw.textContent = formatSuvBw(suv_bw);
    this.place.textContent = (place ?? [null, null, null]).map(formatMm).join('  ');
    this.slices.textContent = `CT ${ct_slice ?? '–'} · PET ${pet_slice ?? '–'}`;
  }
}

function warningsOf(warnings: readonly string[]): HTMLElement | null {
  if (warnings.length === 0) return null;
  const text = warnings.length === 1 ? warnings[0] : `${warnings.length} warnings: ${warnings.join(' ')}`;
  return el('p', { class: 'viewer-warning', id: 'readout-warnings', title: warnings.join('\n') }, `SUV: ${text}`);
}

/** Values of the voxels that hold a place; null where that modality has no voxel. */
export function sampleAt(
  place: Vec3,
  ct: { geometry: Geometry; hu: Int16Array },
  pet: { geometry: Geometry; suv_bw: Float32Array },
): Sampled {
  const ct_offset = voxelOffsetAt(ct.geometry, place);
  const pet_offset = voxelOffsetAt(pet.geometry, place);
  const sliceOf = ({ size_xyz: [nx, ny] }: Geometry, offset: number) => Math.floor(offset / (nx * ny)) + 1;
  return {
    hu: ct_offset === null ? null : ct.hu[ct_offset],
    suv_bw: pet_offset === null ? null : pet.suv_bw[pet_offset],
    ct_slice: ct_offset === null ? null : sliceOf(ct.geometry, ct_offset),
    pet_slice: pet_offset === null ? null : sliceOf(pet.geometry, pet_offset),
  };
}
