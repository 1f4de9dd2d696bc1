// Autosave: every finished step is kept here at once and sent to the server soon after, until the server confirms it.
import { ApiError, NetworkError } from '../api/client';
import { toBase64 } from '../lib/bytes';
import type { Draft } from './drafts';
import type { Keeping, KeptStep, Prepared } from './keeper';
import type { Manifest, Revision } from './manifest';
import type { Reading } from './reading';
import type { ReadingTime } from './reading_time';
import { type Session, SignedOut } from './session';

export type SaveState =
  | { readonly kind: 'saved' | 'saving' | 'waiting'; readonly revision: number | null }
  | { readonly kind: 'offline' | 'signed-out'; readonly changes: number }
  | { readonly kind: 'refused'; readonly message: string };

interface SaveAnswer {
  readonly revision: Revision;
  readonly branch: boolean;
  readonly message: string;
}

export interface SavingParts {
  readonly manifest: Manifest;
  readonly reading: Reading;
  readonly keeper: Keeping;
  readonly session: Session;
  readonly time: Pick<ReadingTime, 'report'>;
  readonly show: (state: SaveState) => void;
  readonly say: (message: string) => void;
}

const SEND_AFTER_MS = 1500;
const RETRY_AFTER_MS = 10_000;
const UNSAVED = 'The last changes have not reached the server. Submit again when they are saved.';

export class Saving {
  private revision: Pick<Revision, 'id' | 'number'> | null;
  private steps_made = 0;
  private steps_confirmed = 0;
  private whole = false;
  private timer = 0;
  private noting: Promise<void> = Promise.resolve();
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly parts: SavingParts) {
    this.revision = parts.manifest.revision;
    parts.show({ kind: 'saved', revision: this.number });
    window.addEventListener('online', () => this.sendNow());
    // A laptop that slept, or a person who signed in again in another tab, comes back to this one.
    window.addEventListener('focus', () => this.outstanding > 0 && this.sendNow());
  }

  get revision_id(): Revision['id'] | null {
    return this.revision?.id ?? null;
  }

  get outstanding(): number {
    return this.steps_made - this.steps_confirmed;
  }

  private get number(): number | null {
    return this.revision?.number ?? null;
  }

  /** Goes on from a draft that the server never confirmed. */
  resume({ changes, parent }: Draft): void {
    this.steps_made = changes;
    this.revision = parent;
    this.sendNow();
  }

  /** A step was made: keep it here now, send it when the hand rests. */
  note(voxels: KeptStep['voxels']): void {
    this.steps_made++;
    this.parts.show({ kind: 'waiting', revision: this.number });
    const step = this.stepOf(voxels, this.steps_made);
    this.noting = this.noting.then(() => this.keep(step));
    this.sendAfter(SEND_AFTER_MS);
  }

  /** Sends what is not confirmed yet and waits for the answer; throws when something stays unconfirmed. */
  async flush(): Promise<void> {
    await this.noting;
    // What is handed in is what the screen shows: the copy that was sent is compared with it once more.
    const { keeper, reading } = this.parts;
    if (await keeper.compare(reading.labelmap.voxels, this.stepOf(null, this.steps_made + 1))) this.steps_made++;
    this.sendNow();
    await this.sending;
    if (this.outstanding > 0) throw new Error(UNSAVED);
  }

  private stepOf(voxels: KeptStep['voxels'], steps: number): KeptStep {
    const { lesions, proposal_id, liver_lps_mm } = this.parts.reading;
    const changed = voxels && { offsets: voxels.offsets, after: voxels.after };
    return { voxels: changed, lesions, proposal_id, liver_lps_mm, steps };
  }

  private async keep(step: KeptStep): Promise<void> {
    try {
      if (!(await this.parts.keeper.note(step)))
        this.parts.say('This browser keeps no copy: stay on the page until it is saved.');
    } catch (error) {
      this.parts.show({ kind: 'refused', message: (error as Error).message });
    }
  }

  private sendAfter(delay_ms: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.sendNow(), delay_ms);
  }

  private sendNow(): void {
    clearTimeout(this.timer);
    this.sending = this.sending.then(() => this.attempt());
  }

  private async attempt(): Promise<void> {
    await this.noting;
    if (this.outstanding === 0) return;
    try {
      const prepared = await this.parts.keeper.prepare(this.whole);
      if (!prepared) return;
      this.parts.show({ kind: 'saving', revision: this.number });
      await this.confirm(prepared, await this.post(prepared));
    } catch (error) {
      await this.explain(error);
    }
  }

  private post({ draft }: Prepared): Promise<SaveAnswer> {
    const { parent, lesions, proposal_id, liver_lps_mm, client_key, includes, runs_gzip, sha256, mask_gzip } = draft;
    const voxels =
      this.whole && mask_gzip
        ? { mask_gzip_base64: toBase64(mask_gzip) }
        : { runs_gzip_base64: toBase64(runs_gzip), sha256 };
    const named = { parent_revision: parent?.id ?? null, lesions, proposal_id, liver_lps_mm, client_key, includes };
    const body = { ...named, ...voxels };
    const { session, manifest, time } = this.parts;
    return session.post<SaveAnswer>(manifest.urls.save, { ...body, ...time.report() });
  }

  private async confirm({ steps }: Prepared, { revision, branch, message }: SaveAnswer): Promise<void> {
    await this.parts.keeper.confirm({ id: revision.id, number: revision.number, url: revision.url });
    this.whole = false;
    this.revision = revision;
    this.steps_confirmed = steps;
    this.parts.show({ kind: this.outstanding === 0 ? 'saved' : 'waiting', revision: revision.number });
    if (this.outstanding > 0) this.sendAfter(0);
    if (branch) this.parts.say(message);
  }

  private async explain(error: unknown): Promise<void> {
    if (error instanceof ApiError && error.body.need === 'whole' && !this.whole) {
      this.whole = true;
      await this.attempt();
    } else if (error instanceof SignedOut) {
      await this.wait({ kind: 'signed-out', changes: this.outstanding });
    } else if (error instanceof NetworkError || (error instanceof ApiError && error.status >= 500)) {
      await this.wait({ kind: 'offline', changes: this.outstanding });
    } else {
      this.parts.show({ kind: 'refused', message: (error as Error).message });
    }
  }

  /** Until the server is back the whole mask is kept beside the edit: a restored server may not hold the parent. */
  private async wait(state: SaveState): Promise<void> {
    await this.parts.keeper.prepare(true).catch(() => null);
    this.parts.show(state);
    this.sendAfter(RETRY_AFTER_MS);
  }
}
