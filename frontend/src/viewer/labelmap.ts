// The voxels that a reader draws: one label per voxel on the PET grid, edited in strokes that can be taken back whole.
//
// Edits are our own rather than Cornerstone's brush: they must land on the PET grid whichever image lies on top, undo
// together with the lesion list, and never overwrite another lesion.
import type { Geometry } from '../lib/lps';

export interface VoxelChange {
  readonly offsets: Uint32Array;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export class Labelmap {
  private stroke: Map<number, number> | null = null;

  constructor(
    readonly geometry: Geometry,
    readonly voxels: Uint8Array,
  ) {}

  beginStroke(): void {
    this.stroke = new Map();
  }

  /** Sets voxels to label within the stroke; `accept` says which present labels may be replaced. Returns slices touched. */
  set(offsets: Iterable<number>, label: number, accept: (present: number) => boolean): Set<number> {
    if (!this.stroke) throw new Error('set() is called between beginStroke() and endStroke().');
    const [nx, ny] = this.geometry.size_xyz;
    const slices = new Set<number>();
    for (const offset of offsets) {
      const present = this.voxels[offset];
      if (present === label || !accept(present)) continue;
      if (!this.stroke.has(offset)) this.stroke.set(offset, present);
      this.voxels[offset] = label;
      slices.add(Math.floor(offset / (nx * ny)));
    }
    return slices;
  }

  /** Ends the stroke and returns what it changed, or null when it changed nothing. */
  endStroke(): VoxelChange | null {
    const before = this.stroke ?? new Map<number, number>();
    this.stroke = null;
    if (before.size === 0) return null;
    const offsets = Uint32Array.from(before.keys());
    return { offsets, before: Uint8Array.from(before.values()), after: offsetsToLabels(this.voxels, offsets) };
  }

  write(offsets: Uint32Array, labels: Uint8Array): void {
    offsets.forEach((offset, position) => {
      this.voxels[offset] = labels[position];
    });
  }

  offsetsOf(label: number): Uint32Array {
    const found: number[] = [];
    for (let offset = 0; offset < this.voxels.length; offset++) if (this.voxels[offset] === label) found.push(offset);
    return Uint32Array.from(found);
  }
}

function offsetsToLabels(voxels: Uint8Array, offsets: Uint32Array): Uint8Array {
  return Uint8Array.from(offsets, (offset) => voxels[offset]);
}
