// Sends files in pieces of at most 8 MiB, four at a time; goes on where it stopped when the network comes back.
import { ApiError, getJson, NetworkError, postJson, request } from '../api/client';
import type { ChosenFile } from './files';

export const CHUNK_BYTES = 8 * 1024 * 1024;
const PARALLEL_FILES = 4;
const RETRY_AFTER_MS = [1000, 3000, 10_000];

interface Created {
  readonly upload_id: string;
  readonly chunk_url: string;
  readonly finish_url: string;
}

export interface TransferEvents {
  sent(bytes: number): void;
  refused(path: string, message: string): void;
  waiting(message: string | null): void;
}

/** Uploads everything, as from `centre` (may be empty), and returns the address of the import job; files the server refuses are reported and left out. */
export async function transfer(
  create_url: string,
  csrf: string,
  files: readonly ChosenFile[],
  centre: string,
  events: TransferEvents,
): Promise<string> {
  const listed = files.map(({ path, file }) => ({ path, size: file.size }));
  const created = await postJson<Created>(create_url, { files: listed, centre }, csrf);
  const waiting = [...files.entries()];
  let accepted = 0;
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (await sendUnlessRefused(`${created.chunk_url}?file=${next[0]}`, csrf, next[1], events)) accepted++;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_FILES }, work));
  if (accepted === 0) throw new Error('The server refused every file.');
  return (await postJson<{ job_url: string }>(created.finish_url, {}, csrf)).job_url;
}

// A file is known to the server by its place in the list: its path, which can hold a name, stays out of addresses.
async function sendUnlessRefused(
  address: string,
  csrf: string,
  chosen: ChosenFile,
  events: TransferEvents,
): Promise<boolean> {
  try {
    await sendFile(address, csrf, chosen, events);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    events.refused(chosen.path, error.message);
    return false;
  }
}

async function sendFile(address: string, csrf: string, { file }: ChosenFile, events: TransferEvents): Promise<void> {
  let offset = 0;
  let failures = 0;
  do {
    try {
      const body = file.slice(offset, offset + CHUNK_BYTES);
      const headers = { 'Content-Type': 'application/octet-stream' };
      const answer = await request(`${address}&offset=${offset}`, { method: 'PUT', body, headers }, csrf);
      const { received } = (await answer.json()) as { received: number };
      events.sent(received - offset);
      offset = received;
      failures = 0;
    } catch (error) {
      if (!mayRecover(error)) throw error;
      events.waiting('The connection was lost. The upload goes on when it is back.');
      await pause(RETRY_AFTER_MS[Math.min(failures++, RETRY_AFTER_MS.length - 1)]);
      const received = await receivedSoFar(address, offset);
      events.sent(received - offset);
      offset = received;
    }
    if (failures === 0) events.waiting(null);
  } while (offset < file.size);
}

function mayRecover(error: unknown): boolean {
  return error instanceof NetworkError || (error instanceof ApiError && error.status >= 500);
}

/** What the server holds of the file; while it cannot be asked, what was confirmed before. */
async function receivedSoFar(address: string, confirmed: number): Promise<number> {
  return getJson<{ received: number }>(address).then(
    ({ received }) => received,
    () => confirmed,
  );
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
