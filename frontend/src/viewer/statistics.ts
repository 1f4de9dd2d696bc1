// What each lesion measures on the native PET grid: SUVmax, SUVmean, SUVpeak, metabolic tumour volume, lesion glycolysis.
//
// Kept up to date voxel by voxel while drawing: a stroke costs what it changes, never a pass over the volume. The same
// definitions as worker/compute/uptake.py; tests/known_answers holds both to the same figures.
import { voxelVolumeMl } from '../lib/lps';
import { PeakMeans } from './drawing/peak';
import type { Surrounding } from './drawing/surroundings';
import type { Labelmap } from './labelmap';

export interface LesionStatistics {
  readonly voxels: number;
  readonly suv_bw_max: number;
  readonly suv_bw_mean: number;
  readonly suv_bw_peak: number;
  readonly mtv_ml: number;
  /** SUVmean × MTV (SUV in g/ml) */
  readonly tlg_g: number;
  readonly in_air: number;
  readonly outside_ct: number;
}

class Row {
  voxels = 0;
  suv_bw_sum = 0;
  in_air = 0;
  outside_ct = 0;
  max = new Largest();
  peak = new Largest();
}

/** The largest of members' values; when the one that holds it leaves, it is looked for again only when asked. */
class Largest {
  private best = -1;
  private value = Number.NEGATIVE_INFINITY;
  private lost = false;
  private fresh: number[] = [];

  add(offset: number): void {
    if (!this.lost) this.fresh.push(offset);
  }

  remove(offset: number): void {
    if (offset !== this.best) return;
    this.lost = true;
    this.fresh = [];
  }

  among(members: ReadonlySet<number>, valueAt: (offset: number) => number): number {
    if (this.lost) {
      this.best = -1;
      this.value = Number.NEGATIVE_INFINITY;
    }
    for (const offset of this.lost ? members : this.fresh) {
      if (!members.has(offset)) continue;
      const value = valueAt(offset);
      if (value <= this.value) continue;
      this.best = offset;
      this.value = value;
    }
    this.lost = false;
    this.fresh = [];
    return this.value;
  }
}

export class LesionTally {
  private readonly rows = new Map<number, Row>();
  private readonly peaks: PeakMeans;

  constructor(
    private readonly labelmap: Labelmap,
    private readonly suv_bw: ArrayLike<number>,
    private readonly surroundingOf: (offset: number) => Surrounding,
  ) {
    this.peaks = new PeakMeans(labelmap.geometry, suv_bw);
    labelmap.onVoxel((offset, before, after) => {
      if (before > 0) this.count(before, offset, -1);
      if (after > 0) this.count(after, offset, 1);
    });
    this.rebuild();
  }

  /** Counts anew: more of the images has arrived, or the PET was moved over the CT. */
  rebuild(): void {
    this.rows.clear();
    this.peaks.forget();
    for (const label of this.labelmap.labels)
      for (const offset of this.labelmap.offsetsOf(label)) this.count(label, offset, 1);
  }

  /** Measures by label; lesions without a voxel are absent. */
  all(): Map<number, LesionStatistics> {
    const found = new Map<number, LesionStatistics>();
    for (const [label, row] of this.rows) if (row.voxels > 0) found.set(label, this.measured(label, row));
    return found;
  }

  private measured(label: number, row: Row): LesionStatistics {
    const members = this.labelmap.offsetsOf(label);
    const mtv_ml = row.voxels * voxelVolumeMl(this.labelmap.geometry);
    const suv_bw_mean = row.suv_bw_sum / row.voxels;
    return {
      voxels: row.voxels,
      suv_bw_max: row.max.among(members, (offset) => this.suv_bw[offset]),
      suv_bw_mean,
      suv_bw_peak: row.peak.among(members, (offset) => this.peaks.at(offset)),
      mtv_ml,
      tlg_g: suv_bw_mean * mtv_ml,
      in_air: row.in_air,
      outside_ct: row.outside_ct,
    };
  }

  private count(label: number, offset: number, change: 1 | -1): void {
    const row = this.rows.get(label) ?? new Row();
    this.rows.set(label, row);
    row.voxels += change;
    // An emptied lesion starts from zero, so that no rounding is carried along.
    row.suv_bw_sum = row.voxels === 0 ? 0 : row.suv_bw_sum + change * this.suv_bw[offset];
    const surrounding = this.surroundingOf(offset);
    if (surrounding === 'air') row.in_air += change;
    if (surrounding === 'outside') row.outside_ct += change;
    for (const largest of [row.max, row.peak]) {
      if (change > 0) largest.add(offset);
      else largest.remove(offset);
    }
  }
}
