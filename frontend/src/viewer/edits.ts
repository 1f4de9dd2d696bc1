// What changed between two labelmaps, as runs of voxels: what autosave sends instead of the volume.
//
// Little-endian: the number of runs (uint32), their first voxels (uint32 each), their lengths (uint32 each) and their
// labels (uint8 each). backend/annotations/services/edits.py reads it.

/** Encodes where `now` differs from `before`, looking only into the given slices. */
export function encodeRuns(
  before: Uint8Array,
  now: Uint8Array,
  slices: Iterable<number>,
  voxels_per_slice: number,
): Uint8Array {
  const firsts: number[] = [];
  const lengths: number[] = [];
  const labels: number[] = [];
  for (const slice of [...slices].sort((a, b) => a - b)) {
    const end = (slice + 1) * voxels_per_slice;
    for (let offset = slice * voxels_per_slice; offset < end; offset++) {
      if (before[offset] === now[offset]) continue;
      const last = firsts.length - 1;
      if (last >= 0 && firsts[last] + lengths[last] === offset && labels[last] === now[offset]) lengths[last]++;
      else {
        firsts.push(offset);
        lengths.push(1);
        labels.push(now[offset]);
      }
    }
  }
  return packRuns(firsts, lengths, labels);
}

function packRuns(firsts: number[], lengths: number[], labels: number[]): Uint8Array {
  const count = firsts.length;
  const packed = new Uint8Array(4 + 9 * count);
  const view = new DataView(packed.buffer);
  view.setUint32(0, count, true);
  for (let run = 0; run < count; run++) {
    view.setUint32(4 + 4 * run, firsts[run], true);
    view.setUint32(4 + 4 * (count + run), lengths[run], true);
  }
  packed.set(labels, 4 + 8 * count);
  return packed;
}

/** Writes encoded runs into a labelmap. */
export function applyRuns(voxels: Uint8Array, packed: Uint8Array): void {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const count = view.getUint32(0, true);
  for (let run = 0; run < count; run++) {
    const first = view.getUint32(4 + 4 * run, true);
    const end = first + view.getUint32(4 + 4 * (count + run), true);
    voxels.fill(packed[4 + 8 * count + run], first, end);
  }
}
