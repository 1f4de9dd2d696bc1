// Keeps a second copy of the labelmap, off the page's thread: says what changed since the server's revision, and keeps it.
import { gzip } from '../lib/bytes';
import type { Vec3 } from '../lib/lps';
import type { Draft, DraftOwner, Drafts } from './drafts';
import { applyRuns, encodeRuns } from './edits';
import type { Lesion, Proposal, Revision } from './manifest';

export type Parent = Draft['parent'];

/** A finished step: the voxels that it changed, and the reading after it. `steps` counts all of them. */
export interface KeptStep {
  readonly voxels: { readonly offsets: Uint32Array; readonly after: Uint8Array } | null;
  readonly lesions: readonly Lesion[];
  readonly proposal_id: Proposal['id'] | null;
  readonly liver_lps_mm?: Vec3 | null;
  readonly steps: number;
}

/** A draft on its way to the server; `steps` says up to which step it holds the reading. */
export interface Prepared {
  readonly draft: Draft;
  readonly steps: number;
}

/** What the page asks of the copy; in a worker on the page, in the same thread in tests. */
export interface Keeping {
  /** Takes a step over and keeps it in this browser; false where the browser keeps nothing. */
  note(step: KeptStep): Promise<boolean>;
  /** What is to be sent now; null when the server has everything. With `whole`, the whole mask beside the edit. */
  prepare(whole: boolean): Promise<Prepared | null>;
  /** The server has what was prepared last, as this revision. */
  confirm(revision: Pick<Revision, 'id' | 'number' | 'url'>): Promise<void>;
  /** Takes the page's own labelmap where the copy differs from it; returns whether it did. */
  compare(voxels: Uint8Array, step: Omit<KeptStep, 'voxels'>): Promise<boolean>;
}

const MOST_UNANSWERED = 50;

export class Keeper implements Keeping {
  private readonly now: Uint8Array;
  private readonly dirty = new Set<number>();
  private latest: Prepared | null = null;
  private sent: (Prepared & { runs: Uint8Array }) | null = null;
  private unanswered: string[] = [];
  private confirmed_steps = 0;

  /** `base` is what the server holds as `parent`; a draft of an earlier visit goes on top of it. */
  constructor(
    private readonly owner: DraftOwner,
    private readonly voxels_per_slice: number,
    private readonly base: Uint8Array,
    private parent: Parent,
    private readonly drafts: Pick<Drafts, 'keep' | 'forget'>,
    resumed?: { readonly draft: Draft; readonly labels: Uint8Array },
  ) {
    this.now = resumed ? resumed.labels.slice() : base.slice();
    if (!resumed) return;
    this.markDifferences();
    this.unanswered = [...resumed.draft.includes];
    this.latest = { draft: { ...resumed.draft, ...owner }, steps: resumed.draft.changes };
  }

  async note(step: KeptStep): Promise<boolean> {
    const { offsets, after } = step.voxels ?? { offsets: [], after: [] };
    for (let position = 0; position < offsets.length; position++) {
      this.now[offsets[position]] = after[position];
      this.dirty.add(Math.floor(offsets[position] / this.voxels_per_slice));
    }
    await this.take(step);
    return this.keep();
  }

  async prepare(whole: boolean): Promise<Prepared | null> {
    if (!this.latest) return null;
    let { draft } = this.latest;
    if (whole && !draft.mask_gzip) {
      draft = { ...draft, mask_gzip: await gzip(this.now) };
      this.latest = { ...this.latest, draft };
      await this.keep();
    }
    this.sent = { ...this.latest, runs: this.runs() };
    if (!this.unanswered.includes(draft.client_key)) this.unanswered.push(draft.client_key);
    return this.latest;
  }

  async confirm(revision: NonNullable<Parent>): Promise<void> {
    if (!this.sent) return;
    applyRuns(this.base, this.sent.runs);
    this.parent = { id: revision.id, number: revision.number, url: revision.url };
    this.unanswered = [];
    this.confirmed_steps = this.sent.steps;
    const later = this.latest && this.latest.steps > this.sent.steps ? this.latest : null;
    this.sent = null;
    this.forgetCleanSlices();
    if (later) {
      const { lesions, proposal_id, liver_lps_mm } = later.draft;
      await this.take({ voxels: null, lesions, proposal_id, liver_lps_mm, steps: later.steps });
      await this.keep();
    } else {
      this.latest = null;
      await this.drafts.forget(this.owner).catch(() => undefined);
    }
  }

  async compare(voxels: Uint8Array, step: Omit<KeptStep, 'voxels'>): Promise<boolean> {
    if (same(voxels, this.now)) return false;
    this.now.set(voxels);
    this.markDifferences();
    await this.take({ ...step, voxels: null });
    await this.keep();
    return true;
  }

  /** A new draft of the state now, under a new key; it holds what was sent without an answer. */
  private async take({ lesions, proposal_id, liver_lps_mm, steps }: KeptStep): Promise<void> {
    const [runs_gzip, sha256] = await Promise.all([gzip(this.runs()), digest(this.now)]);
    this.latest = {
      steps,
      draft: {
        ...this.owner,
        parent: this.parent,
        lesions,
        proposal_id,
        liver_lps_mm,
        runs_gzip,
        sha256,
        client_key: crypto.randomUUID(),
        includes: this.unanswered.slice(-MOST_UNANSWERED),
        changes: steps - this.confirmed_steps,
        at: Date.now(),
      },
    };
  }

  private runs(): Uint8Array {
    return encodeRuns(this.base, this.now, this.dirty, this.voxels_per_slice);
  }

  private async keep(): Promise<boolean> {
    // A browser that keeps nothing (private window, full disk) must not stop the way to the server.
    if (!this.latest) return true;
    return this.drafts.keep(this.latest.draft).then(
      () => true,
      () => false,
    );
  }

  private markDifferences(): void {
    for (let first = 0, slice = 0; first < this.now.length; first += this.voxels_per_slice, slice++)
      if (!this.isClean(slice)) this.dirty.add(slice);
  }

  private forgetCleanSlices(): void {
    for (const slice of this.dirty) if (this.isClean(slice)) this.dirty.delete(slice);
  }

  private isClean(slice: number): boolean {
    const [first, end] = [slice * this.voxels_per_slice, (slice + 1) * this.voxels_per_slice];
    return same(this.base.subarray(first, end), this.now.subarray(first, end));
  }
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let position = 0; position < one.length; position++) if (one[position] !== other[position]) return false;
  return true;
}

async function digest(voxels: Uint8Array): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', voxels as BufferSource));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
