// A reading in the making: lesions and their voxels, changed step by step, each step undone and redone whole.
import type { Vec3 } from '../lib/lps';
import type { Labelmap, VoxelChange } from './labelmap';
import type { Lesion, LesionRole, Proposal } from './manifest';

interface Step {
  readonly lesions_before: readonly Lesion[];
  readonly lesions_after: readonly Lesion[];
  readonly voxels: VoxelChange | null;
}

/** slices: those whose voxels changed; finished: a whole step was made, undone or redone, so it is to be saved. */
export interface ReadingChange {
  readonly slices: ReadonlySet<number> | 'all' | 'none';
  readonly finished: boolean;
  /** What a finished step did to the voxels; null when only the lesion list changed. */
  readonly voxels?: Pick<VoxelChange, 'offsets' | 'after'> | null;
}

const LABELS = Array.from({ length: 255 }, (_, i) => i + 1);
const MAX_STEPS = 200;

export class Reading {
  active_label: number;
  proposal_id: Proposal['id'] | null = null;
  /** Centre of the liver sphere; it is saved with the next step. */
  liver_lps_mm: Vec3 | null = null;
  private done: Step[] = [];
  private undone: Step[] = [];
  private lesions_at_start: readonly Lesion[] = [];
  private readonly listeners: ((change: ReadingChange) => void)[] = [];

  constructor(
    readonly labelmap: Labelmap,
    public lesions: readonly Lesion[],
    private readonly kind: 'tumour' | 'bat',
  ) {
    this.active_label = lesions[0]?.label ?? 0;
  }

  onChange(listener: (change: ReadingChange) => void): void {
    this.listeners.push(listener);
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  activate(label: number): void {
    this.active_label = label;
    this.tell('none', false);
  }

  /** Starts a stroke; the first stroke of an empty reading makes its first lesion. */
  begin(): void {
    this.lesions_at_start = this.lesions;
    if (!this.lesions.some(({ label }) => label === this.active_label)) this.appendLesion();
    this.labelmap.beginStroke();
  }

  /** Adds voxels to the active lesion; those of other lesions stay theirs. */
  paint(offsets: Iterable<number>): void {
    this.tell(
      this.labelmap.set(offsets, this.active_label, (present) => present === 0),
      false,
    );
  }

  /** Takes voxels away from the active lesion, or from whichever lesion they belong to. */
  erase(offsets: Iterable<number>, from: 'active' | 'every' = 'active'): void {
    this.tell(
      this.labelmap.set(offsets, 0, (present) => from === 'every' || present === this.active_label),
      false,
    );
  }

  /** Gives the active lesion another shape, in one step; voxels of other lesions stay theirs. Says how many changed. */
  reshape(offsets: Iterable<number>): { added: number; removed: number } {
    const wanted = new Set(offsets);
    this.begin();
    const before = this.labelmap.countOf(this.active_label);
    const leaving = [...this.labelmap.offsetsOf(this.active_label)].filter((offset) => !wanted.has(offset));
    this.erase(leaving);
    this.paint(wanted);
    this.end();
    const after = this.labelmap.countOf(this.active_label);
    return { added: after - before + leaving.length, removed: leaving.length };
  }

  end(): void {
    this.finish(this.labelmap.endStroke(), 'none');
  }

  addLesion(): void {
    this.lesions_at_start = this.lesions;
    this.appendLesion();
    this.finish(null, 'none');
  }

  describeLesion(label: number, changed: Partial<Pick<Lesion, 'name' | 'role' | 'site'>>): void {
    this.lesions_at_start = this.lesions;
    this.lesions = this.lesions.map((lesion) => (lesion.label === label ? { ...lesion, ...changed } : lesion));
    this.finish(null, 'none');
  }

  removeLesion(label: number): void {
    this.lesions_at_start = this.lesions;
    this.labelmap.beginStroke();
    const slices = this.labelmap.set([...this.labelmap.offsetsOf(label)], 0, () => true);
    this.lesions = this.lesions.filter((lesion) => lesion.label !== label);
    if (this.active_label === label) this.active_label = this.lesions[0]?.label ?? 0;
    this.finish(this.labelmap.endStroke(), slices.size > 0 ? slices : 'none');
  }

  /** Adds a proposed mask, every label as a lesion of its own; voxels that already belong to a lesion stay. */
  accept(proposal: Proposal, proposed: Uint8Array): void {
    this.lesions_at_start = this.lesions;
    this.labelmap.beginStroke();
    for (const label of new Set(proposed)) {
      if (label === 0) continue;
      // Brown fat is one thing however often the rule is asked; lesions are told apart.
      if (this.kind === 'tumour') this.appendLesion(proposal.title);
      else if (this.lesions.length === 0) this.appendLesion();
      this.labelmap.set(offsetsWith(proposed, label), this.active_label, (present) => present === 0);
    }
    this.proposal_id = proposal.id;
    this.finish(this.labelmap.endStroke(), 'all');
  }

  /** Notes that a proposal went into the reading, also when only a part of it was used. */
  usedProposal(proposal: Proposal): void {
    this.proposal_id = proposal.id;
  }

  undo(): void {
    const step = this.done.pop();
    if (!step) return;
    this.undone.push(step);
    this.restore(step.lesions_before, step.voxels, step.voxels?.before);
  }

  redo(): void {
    const step = this.undone.pop();
    if (!step) return;
    this.done.push(step);
    this.restore(step.lesions_after, step.voxels, step.voxels?.after);
  }

  private appendLesion(name?: string): void {
    const label = LABELS.find((free) => this.lesions.every((lesion) => lesion.label !== free)) as number;
    const role = this.nextRole();
    this.lesions = [...this.lesions, { label, name: name ?? defaultName(role, label), role, site: '' }];
    this.active_label = label;
  }

  private nextRole(): LesionRole {
    if (this.kind === 'bat') return 'bat';
    return this.lesions.some(({ role }) => role === 'primary') ? 'node' : 'primary';
  }

  private restore(lesions: readonly Lesion[], voxels: VoxelChange | null, labels: Uint8Array | undefined): void {
    this.lesions = lesions;
    const slices = voxels && labels ? this.labelmap.write(voxels.offsets, labels) : new Set<number>();
    if (!lesions.some(({ label }) => label === this.active_label)) this.active_label = lesions[0]?.label ?? 0;
    const change = voxels && labels ? { offsets: voxels.offsets, after: labels } : null;
    this.tell(slices.size > 0 ? slices : 'none', true, change);
  }

  private finish(voxels: VoxelChange | null, slices: ReadingChange['slices']): void {
    if (!voxels && this.lesions === this.lesions_at_start) return;
    this.done.push({ lesions_before: this.lesions_at_start, lesions_after: this.lesions, voxels });
    if (this.done.length > MAX_STEPS) this.done.shift();
    this.undone = [];
    this.tell(slices, true, voxels);
  }

  private tell(slices: ReadingChange['slices'], finished: boolean, voxels?: ReadingChange['voxels']): void {
    for (const listener of this.listeners) listener({ slices, finished, voxels });
  }
}

function defaultName(role: LesionRole, label: number): string {
  if (role === 'bat') return label === 1 ? 'Brown fat' : `Brown fat ${label}`;
  return role === 'primary' ? 'Primary tumour' : `Lesion ${label}`;
}

function offsetsWith(labels: Uint8Array, label: number): number[] {
  const offsets: number[] = [];
  for (let offset = 0; offset < labels.length; offset++) if (labels[offset] === label) offsets.push(offset);
  return offsets;
}
