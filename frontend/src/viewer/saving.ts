// Autosave: every finished step is kept here at once and sent to the server soon after, until the server confirms it.
import { ApiError, NetworkError, postJson } from '../api/client';
import { gzip, toBase64 } from '../lib/bytes';
import type { Draft, Drafts } from './drafts';
import type { Manifest, Revision } from './manifest';
import type { Reading } from './reading';

export type SaveState =
  | { readonly kind: 'saved' | 'saving' | 'waiting'; readonly revision: number | null }
  | { readonly kind: 'offline'; readonly changes: number }
  | { readonly kind: 'refused'; readonly message: string };

interface SaveAnswer {
  readonly revision: Revision;
  readonly branch: boolean;
  readonly message: string;
}

const SEND_AFTER_MS = 1500;
const RETRY_AFTER_MS = 10_000;

/** A draft and how many steps had been made when it was taken. */
interface Taken {
  readonly draft: Draft;
  readonly steps: number;
}

export class Saving {
  private parent_id: Revision['id'] | null;
  private number: number | null;
  private steps_made = 0;
  private steps_confirmed = 0;
  private latest: Taken | null = null;
  private taking: Promise<void> = Promise.resolve();
  // Sent without an answer: sent again under the same key, so that an answer lost on the way makes no second revision.
  private unanswered: Taken | null = null;
  private timer = 0;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly manifest: Manifest,
    private readonly reading: Reading,
    private readonly drafts: Pick<Drafts, 'keep' | 'forget'>,
    private readonly show: (state: SaveState) => void,
    private readonly say: (message: string) => void,
  ) {
    this.parent_id = manifest.revision?.id ?? null;
    this.number = manifest.revision?.number ?? null;
    show({ kind: 'saved', revision: this.number });
    window.addEventListener('online', () => this.send());
  }

  get revision_id(): Revision['id'] | null {
    return this.parent_id;
  }

  /** Goes on from a draft that the server never confirmed. */
  resume(draft: Draft): void {
    this.steps_made = draft.changes;
    this.parent_id = draft.parent_revision;
    this.latest = { draft, steps: this.steps_made };
    this.send();
  }

  /** A step was made: keep it here now, send it when the hand rests. */
  note(): void {
    this.steps_made++;
    this.show({ kind: 'waiting', revision: this.number });
    this.taking = this.takeDraft();
    this.sendAfter(SEND_AFTER_MS);
  }

  /** Sends what is not confirmed yet and waits for the answer; throws when something stays unconfirmed. */
  async flush(): Promise<void> {
    this.send();
    await this.sending;
    // An older draft was waiting for its answer: the newest one goes now.
    if (this.outstanding > 0 && !this.unanswered) this.send();
    await this.sending;
    if (this.outstanding > 0)
      throw new Error('The last changes have not reached the server. Submit again when they are saved.');
  }

  private get outstanding(): number {
    return this.steps_made - this.steps_confirmed;
  }

  private async takeDraft(): Promise<void> {
    const steps = this.steps_made;
    const { lesions, proposal_id, labelmap } = this.reading;
    const mask_gzip = await gzip(labelmap.voxels);
    if (steps !== this.steps_made) return;
    const assignment_id = String(this.manifest.task.assignment_id);
    const client_key = crypto.randomUUID();
    const parent_revision = this.parent_id;
    const changes = this.outstanding;
    this.latest = {
      draft: { assignment_id, parent_revision, lesions, mask_gzip, proposal_id, client_key, changes },
      steps,
    };
    // A browser that keeps nothing (private window, full disk) must not stop the way to the server.
    await this.drafts
      .keep(this.latest.draft)
      .catch(() => this.say('This browser keeps no copy; stay until it is saved.'));
  }

  private sendAfter(delay_ms: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), delay_ms);
  }

  private send(): void {
    clearTimeout(this.timer);
    this.sending = this.sending.then(() => this.attempt());
  }

  private async attempt(): Promise<void> {
    await this.taking;
    const taken = this.unanswered ?? this.latest;
    if (!taken || this.outstanding === 0) return;
    this.unanswered = taken;
    this.show({ kind: 'saving', revision: this.number });
    try {
      const body = bodyOf({ ...taken.draft, parent_revision: this.parent_id });
      this.confirm(taken, await postJson<SaveAnswer>(this.manifest.urls.save, body, this.manifest.csrf_token));
    } catch (error) {
      this.explain(error);
    }
  }

  private confirm({ draft, steps }: Taken, { revision, branch, message }: SaveAnswer): void {
    this.unanswered = null;
    this.parent_id = revision.id;
    this.number = revision.number;
    this.steps_confirmed = steps;
    void this.drafts.forget(draft.assignment_id, draft.client_key).catch(() => undefined);
    this.show({ kind: this.outstanding === 0 ? 'saved' : 'waiting', revision: revision.number });
    if (this.outstanding > 0) this.sendAfter(0);
    if (branch) this.say(message);
  }

  private explain(error: unknown): void {
    const unreachable = error instanceof NetworkError || (error instanceof ApiError && error.status >= 500);
    if (unreachable) {
      this.show({ kind: 'offline', changes: this.outstanding });
      this.sendAfter(RETRY_AFTER_MS);
      return;
    }
    this.unanswered = null;
    this.show({ kind: 'refused', message: (error as Error).message });
  }
}

function bodyOf({ parent_revision, lesions, mask_gzip, proposal_id, client_key }: Draft): object {
  return { parent_revision, lesions, mask_gzip_base64: toBase64(mask_gzip), proposal_id, client_key };
}
