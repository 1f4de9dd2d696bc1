// Drafts of windows that were closed or crashed before the server had them: each is sent, and becomes a version.
import { ApiError } from '../api/client';
import { toBase64 } from '../lib/bytes';
import type { Draft, Drafts } from './drafts';
import type { Session } from './session';

/** Sends drafts beside the one that the page goes on from; returns how many reached the server. Others stay kept. */
export async function sendLeftBehind(
  waiting: readonly Draft[],
  drafts: Pick<Drafts, 'forget'>,
  session: Pick<Session, 'post'>,
  url: string,
): Promise<number> {
  let sent = 0;
  for (const draft of waiting) {
    const { parent, lesions, proposal_id, liver_lps_mm, client_key, includes, runs_gzip, sha256, mask_gzip } = draft;
    const named = { parent_revision: parent?.id ?? null, lesions, proposal_id, liver_lps_mm, client_key, includes };
    try {
      await session.post(url, { ...named, runs_gzip_base64: toBase64(runs_gzip), sha256 }).catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.body.need !== 'whole' || !mask_gzip) throw error;
        return session.post(url, { ...named, mask_gzip_base64: toBase64(mask_gzip) });
      });
      await drafts.forget(draft);
      sent++;
    } catch {
      // It stays in this browser and is tried again when the case is opened again.
    }
  }
  return sent;
}
