// What a lesion measures on the native PET grid: SUVmax, SUVmean, metabolic tumour volume, total lesion glycolysis.
import { type Geometry, voxelVolumeMl } from '../lib/lps';

export interface LesionStatistics {
  readonly voxels: number;
  readonly suv_bw_max: number;
  readonly suv_bw_mean: number;
  readonly mtv_ml: number;
  /** SUVmean × MTV, in SUV·ml */
  readonly tlg_ml: number;
}

/** One pass over the labelmap; labels without voxels are absent. */
export function lesionStatistics(
  geometry: Geometry,
  labels: Uint8Array,
  suv_bw: ArrayLike<number>,
): Map<number, LesionStatistics> {
  const count = new Float64Array(256);
  const sum = new Float64Array(256);
  const max = new Float64Array(256).fill(Number.NEGATIVE_INFINITY);
  for (let offset = 0; offset < labels.length; offset++) {
    const label = labels[offset];
    if (label === 0) continue;
    count[label]++;
    sum[label] += suv_bw[offset];
    if (suv_bw[offset] > max[label]) max[label] = suv_bw[offset];
  }
  const found = new Map<number, LesionStatistics>();
  count.forEach((voxels, label) => {
    if (voxels === 0) return;
    const mtv_ml = voxels * voxelVolumeMl(geometry);
    const suv_bw_mean = sum[label] / voxels;
    found.set(label, { voxels, suv_bw_max: max[label], suv_bw_mean, mtv_ml, tlg_ml: suv_bw_mean * mtv_ml });
  });
  return found;
}
