// Fills the CT and PET buffers: slabs, nearest to where the reader looks first, and a decimated preview until they are here.
import { getBytes } from '../api/client';
import { axisOf, dot, type Geometry, subtract, voxelCount } from '../lib/lps';
import type { SlabEntry, VolumeEntry } from './manifest';

export type Filled = Int16Array | Float32Array;
// More than a browser sends at once by HTTP/1.1: the rest waits in its queue, so that the network has work while this
// thread draws.
const PARALLEL_REQUESTS = 16;

function storedVoxels(entry: VolumeEntry, bytes: ArrayBuffer): Int16Array | Uint16Array {
  return entry.dtype === 'int16' ? new Int16Array(bytes) : new Uint16Array(bytes);
}

/** value = stored × slope + intercept, written from `first` on */
export function decodeInto(
  target: Filled,
  first: number,
  stored: Int16Array | Uint16Array,
  slope: number,
  intercept: number,
): void {
  if (slope === 1 && intercept === 0) {
    target.set(stored, first);
    return;
  }
  for (let i = 0; i < stored.length; i++) target[first + i] = stored[i] * slope + intercept;
}

/** For each index along an axis of `full`, the nearest index of the coarser `preview` grid. */
function nearestIndices(full: Geometry, preview: Geometry, axis: number): Int32Array {
  const shift_mm = dot(axisOf(full, axis), subtract(full.origin_lps_mm, preview.origin_lps_mm));
  return Int32Array.from({ length: full.size_xyz[axis] }, (_, index) => {
    const nearest = Math.round((index * full.spacing_mm[axis] + shift_mm) / preview.spacing_mm[axis]);
    return Math.min(preview.size_xyz[axis] - 1, Math.max(0, nearest));
  });
}

export interface Preview {
  readonly geometry: Geometry;
  readonly voxels: Filled;
}

export async function fetchPreview(entry: VolumeEntry): Promise<Preview> {
  const stored = storedVoxels(entry, await getBytes(entry.preview.url));
  const voxels = entry.unit === 'HU' ? new Int16Array(stored.length) : new Float32Array(stored.length);
  decodeInto(voxels, 0, stored, entry.slope, entry.intercept);
  return { geometry: entry.preview.geometry, voxels };
}

/** Spreads the preview over slices of the full grid (nearest voxel), which slabs simply replace when they arrive. */
export function spreadPreview(
  target: Filled,
  full: Geometry,
  { voxels, geometry }: Preview,
  first_slice = 0,
  slice_count = full.size_xyz[2],
): void {
  const [xs, ys, zs] = [0, 1, 2].map((axis) => nearestIndices(full, geometry, axis));
  const [nx, ny] = full.size_xyz;
  const [px, py] = geometry.size_xyz;
  // Most rows and slices repeat the one before; copying them is several times faster than looking each voxel up.
  for (let z = first_slice; z < first_slice + slice_count; z++) {
    const slice = nx * ny * z;
    if (z > first_slice && zs[z] === zs[z - 1]) {
      target.copyWithin(slice, slice - nx * ny, slice);
      continue;
    }
    for (let y = 0; y < ny; y++) {
      const row = slice + nx * y;
      if (y > 0 && ys[y] === ys[y - 1]) {
        target.copyWithin(row, row - nx, row);
        continue;
      }
      const coarse_row = px * (ys[y] + py * zs[z]);
      for (let x = 0; x < nx; x++) target[row + x] = voxels[coarse_row + xs[x]];
    }
  }
}

export interface SlabTarget {
  readonly entry: VolumeEntry;
  readonly target: Filled;
  readonly preview: Preview;
  /** Slice of this volume that the reader looks at now. */
  slice_in_view(): number;
  arrived(slab: SlabEntry): void;
}

function distance(slab: SlabEntry, slice: number): number {
  return Math.abs(slab.first_slice + slab.slice_count / 2 - slice);
}

async function loadSlab(
  { entry, target, arrived }: SlabTarget,
  slab: SlabEntry,
  missing: Set<SlabEntry>,
): Promise<void> {
  const [nx, ny] = entry.geometry.size_xyz;
  const stored = storedVoxels(entry, await getBytes(slab.url));
  if (stored.length !== nx * ny * slab.slice_count)
    throw new Error(`The slab at slice ${slab.first_slice} has the wrong size.`);
  missing.delete(slab);
  decodeInto(target, slab.first_slice * nx * ny, stored, entry.slope, entry.intercept);
  arrived(slab);
}

/** Loads all slabs, those nearest to the slice in view first; reports the share loaded (0…1). */
export async function loadSlabs(targets: readonly SlabTarget[], progress: (share: number) => void): Promise<void> {
  const waiting = targets.flatMap((target) => target.entry.slabs.map((slab) => ({ target, slab })));
  const missing = new Set(waiting.map(({ slab }) => slab));
  const total = targets.reduce((sum, { entry }) => sum + voxelCount(entry.geometry), 0);
  let loaded = 0;
  const work = async () => {
    while (waiting.length > 0) {
      waiting.sort((a, b) => distance(b.slab, b.target.slice_in_view()) - distance(a.slab, a.target.slice_in_view()));
      const next = waiting.pop() as (typeof waiting)[number];
      await loadSlab(next.target, next.slab, missing);
      const [nx, ny] = next.target.entry.geometry.size_xyz;
      loaded += nx * ny * next.slab.slice_count;
      progress(loaded / total);
    }
  };
  await Promise.all([...Array.from({ length: PARALLEL_REQUESTS }, work), fillMeanwhile(targets, missing)]);
}

/** While slabs travel, their places hold what the preview says; slab by slab, so that the page stays at hand. */
async function fillMeanwhile(targets: readonly SlabTarget[], missing: ReadonlySet<SlabEntry>): Promise<void> {
  for (const { entry, target, preview, slice_in_view } of targets) {
    const in_view = slice_in_view();
    for (const slab of [...entry.slabs].sort((a, b) => distance(a, in_view) - distance(b, in_view))) {
      if (missing.has(slab)) spreadPreview(target, entry.geometry, preview, slab.first_slice, slab.slice_count);
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
}
