// What the server has not confirmed yet is kept in this browser (IndexedDB): one draft per person, assignment and window.
import { type IDBPDatabase, openDB } from 'idb';
import type { Vec3 } from '../lib/lps';
import type { Lesion, Proposal, Revision } from './manifest';

/** Whose draft it is. `visit` is the window: two windows never overwrite each other's draft. */
export interface DraftOwner {
  readonly reader_id: string;
  readonly assignment_id: string;
  readonly visit: string;
}

export interface Draft extends DraftOwner {
  readonly parent: Pick<Revision, 'id' | 'number' | 'url'> | null;
  readonly lesions: readonly Lesion[];
  readonly proposal_id: Proposal['id'] | null;
  readonly liver_lps_mm?: Vec3 | null;
  /** The changes since the parent (edits.ts), and the SHA-256 of the labelmap that comes of them. */
  readonly runs_gzip: Uint8Array;
  readonly sha256: string;
  /** The whole labelmap, kept while the server is out of reach. */
  readonly mask_gzip?: Uint8Array;
  readonly client_key: string;
  readonly includes: readonly string[];
  readonly changes: number;
  readonly at: number;
}

const STORE = 'drafts';
const KEY = ['reader_id', 'assignment_id', 'visit'];
const lockName = ({ visit }: Pick<DraftOwner, 'visit'>) => `petra-draft-${visit}`;

export class Drafts {
  private readonly database: Promise<IDBPDatabase> = openDB('petra-viewer', 2, {
    upgrade(database) {
      for (const name of database.objectStoreNames) database.deleteObjectStore(name);
      database.createObjectStore(STORE, { keyPath: KEY });
    },
  });

  async keep(draft: Draft): Promise<void> {
    await (await this.database).put(STORE, draft);
  }

  async forget({ reader_id, assignment_id, visit }: DraftOwner): Promise<void> {
    await (await this.database).delete(STORE, [reader_id, assignment_id, visit]);
  }

  /** The person's own drafts of a case that no open window holds any more, newest first. */
  async leftBehind(reader_id: string, assignment_id: string): Promise<Draft[]> {
    const open = new Set((await navigator.locks?.query())?.held?.map(({ name }) => name));
    const range = IDBKeyRange.bound([reader_id, assignment_id], [reader_id, assignment_id, []]);
    const own: Draft[] = await (await this.database).getAll(STORE, range);
    return own.filter((draft) => !open.has(lockName(draft))).sort((a, b) => b.at - a.at);
  }
}

/** Shows the other windows that this one lives, until it is closed or crashes. */
export function holdWindow(visit: string): void {
  void navigator.locks?.request(lockName({ visit }), () => new Promise(() => undefined));
}
