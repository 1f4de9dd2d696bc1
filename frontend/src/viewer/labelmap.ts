// The voxels that a reader draws: one label per voxel on the PET grid, edited in strokes that can be taken back whole.
//
// Edits are our own rather than Cornerstone's brush: they must land on the PET grid whichever image lies on top, undo
// together with the lesion list, and never overwrite another lesion. Who measures listens to single voxels, so that a
// stroke costs what it changes and not the volume.
import type { Geometry } from '../lib/lps';

export interface VoxelChange {
  readonly offsets: Uint32Array;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export type VoxelListener = (offset: number, before: number, after: number) => void;

export class Labelmap {
  private stroke: Map<number, number> | null = null;
  private readonly members = new Map<number, Set<number>>();
  private readonly listeners: VoxelListener[] = [];

  constructor(
    readonly geometry: Geometry,
    readonly voxels: Uint8Array,
  ) {
    for (let offset = 0; offset < voxels.length; offset++) {
      if (voxels[offset] > 0) this.membersOf(voxels[offset]).add(offset);
    }
  }

  onVoxel(listener: VoxelListener): void {
    this.listeners.push(listener);
  }

  beginStroke(): void {
    this.stroke = new Map();
  }

  /** Sets voxels to label within the stroke; `accept` says which present labels may be replaced. Returns slices touched. */
  set(offsets: Iterable<number>, label: number, accept: (present: number) => boolean): Set<number> {
    if (!this.stroke) throw new Error('set() is called between beginStroke() and endStroke().');
    const slices = new Set<number>();
    for (const offset of offsets) {
      const present = this.voxels[offset];
      if (present === label || !accept(present)) continue;
      if (!this.stroke.has(offset)) this.stroke.set(offset, present);
      this.put(offset, label);
      slices.add(this.sliceOf(offset));
    }
    return slices;
  }

  /** Ends the stroke and returns what it changed, or null when it changed nothing. */
  endStroke(): VoxelChange | null {
    const before = this.stroke ?? new Map<number, number>();
    this.stroke = null;
    if (before.size === 0) return null;
    const offsets = Uint32Array.from(before.keys());
    const after = Uint8Array.from(offsets, (offset) => this.voxels[offset]);
    return { offsets, before: Uint8Array.from(before.values()), after };
  }

  /** Puts labels back (undo, redo). Returns slices touched. */
  write(offsets: Uint32Array, labels: Uint8Array): Set<number> {
    const slices = new Set<number>();
    offsets.forEach((offset, position) => {
      this.put(offset, labels[position]);
      slices.add(this.sliceOf(offset));
    });
    return slices;
  }

  /** The voxels of a label as they are now. */
  offsetsOf(label: number): ReadonlySet<number> {
    return this.membersOf(label);
  }

  countOf(label: number): number {
    return this.members.get(label)?.size ?? 0;
  }

  /** The labels that hold a voxel. */
  get labels(): number[] {
    return [...this.members.keys()].filter((label) => this.countOf(label) > 0);
  }

  private put(offset: number, label: number): void {
    const before = this.voxels[offset];
    if (before === label) return;
    this.voxels[offset] = label;
    if (before > 0) this.membersOf(before).delete(offset);
    if (label > 0) this.membersOf(label).add(offset);
    for (const listener of this.listeners) listener(offset, before, label);
  }

  private membersOf(label: number): Set<number> {
    const members = this.members.get(label) ?? new Set<number>();
    this.members.set(label, members);
    return members;
  }

  private sliceOf(offset: number): number {
    const [nx, ny] = this.geometry.size_xyz;
    return Math.floor(offset / (nx * ny));
  }
}
