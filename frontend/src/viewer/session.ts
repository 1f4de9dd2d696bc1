// Requests that outlive a session: whoever is signed out signs in again beside the page, and the page goes on.
import { ApiError, getJson, postJson } from '../api/client';
import type { Manifest, Revision } from './manifest';

export interface RevisionEntry extends Revision {
  readonly parent: string | null;
  readonly merged: string | null;
  readonly restored: string | null;
  readonly is_branch: boolean;
  readonly is_tip: boolean;
  readonly is_handed_in: boolean;
  readonly at: string;
  readonly voxel_count: number;
  readonly volume_ml: number;
}

export interface RevisionList {
  readonly reader: string;
  readonly csrf_token: string;
  readonly may_draw: boolean;
  readonly revisions: readonly RevisionEntry[];
  /** The revisions on which nothing was drawn yet: more than one where windows went apart. */
  readonly versions: readonly string[];
}

/** Nobody is signed in any more. */
export class SignedOut extends Error {
  constructor() {
    super('You are signed out.');
  }
}

/** Somebody else signed in with this browser: nothing of this page may be sent in that name. */
export class OtherReader extends Error {
  constructor() {
    super('Somebody else is signed in now. Sign in as the reader of this case to go on; what you drew is kept here.');
  }
}

export class Session {
  private csrf_token: string;

  constructor(private readonly manifest: Pick<Manifest, 'csrf_token' | 'task' | 'urls'>) {
    this.csrf_token = manifest.csrf_token;
  }

  /** Posts; where the token or the session has ended it asks for a fresh one and posts once more. */
  async post<T>(url: string, body: unknown): Promise<T> {
    try {
      return await postJson<T>(url, body, this.csrf_token);
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 403)) throw error;
    }
    await this.revisions();
    return postJson<T>(url, body, this.csrf_token);
  }

  /** Every revision of the reading; on the way the token is renewed. Raises SignedOut and OtherReader. */
  async revisions(): Promise<RevisionList> {
    const { save, sign_in } = this.manifest.urls;
    const list = await getJson<RevisionList>(save).catch((error: Error) => {
      if (!(error instanceof ApiError) || !sign_in) throw error;
      // Another person is told that this reading does not exist.
      if (error.status === 404 || error.status === 403) throw new OtherReader();
      throw error.status === 401 ? new SignedOut() : error;
    });
    if (list.reader !== this.manifest.task.reader_id) throw new OtherReader();
    this.csrf_token = list.csrf_token;
    return list;
  }
}
