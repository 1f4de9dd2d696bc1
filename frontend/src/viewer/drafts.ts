// What the server has not confirmed yet is kept in this browser (IndexedDB), one draft per assignment.
import { type IDBPDatabase, openDB } from 'idb';
import type { Lesion, Proposal, Revision } from './manifest';

export interface Draft {
  readonly assignment_id: string;
  readonly parent_revision: Revision['id'] | null;
  readonly lesions: readonly Lesion[];
  readonly mask_gzip: Uint8Array;
  readonly proposal_id: Proposal['id'] | null;
  readonly client_key: string;
  readonly changes: number;
}

const STORE = 'drafts';

export class Drafts {
  private readonly database: Promise<IDBPDatabase> = openDB('petra-viewer', 1, {
    upgrade: (database) => void database.createObjectStore(STORE, { keyPath: 'assignment_id' }),
  });

  async keep(draft: Draft): Promise<void> {
    await (await this.database).put(STORE, draft);
  }

  async find(assignment_id: string): Promise<Draft | undefined> {
    return (await this.database).get(STORE, assignment_id);
  }

  /** Forgets the draft once the server has it, unless a newer one took its place meanwhile. */
  async forget(assignment_id: string, client_key: string): Promise<void> {
    const transaction = (await this.database).transaction(STORE, 'readwrite');
    const kept: Draft | undefined = await transaction.store.get(assignment_id);
    if (kept?.client_key === client_key) await transaction.store.delete(assignment_id);
    await transaction.done;
  }
}
