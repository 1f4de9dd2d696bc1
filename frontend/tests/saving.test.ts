// Autosave: edits against the confirmed revision, sent again until they are answered, and forgotten only once confirmed.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { gunzip } from '../src/lib/bytes';
import type { Draft } from '../src/viewer/drafts';
import { applyRuns } from '../src/viewer/edits';
import { Keeper } from '../src/viewer/keeper';
import { sendLeftBehind } from '../src/viewer/left_behind';
import type { Manifest } from '../src/viewer/manifest';
import { openVersions } from '../src/viewer/outcome';
import { Reading } from '../src/viewer/reading';
import { type SaveState, Saving } from '../src/viewer/saving';
import { Session } from '../src/viewer/session';
import { emptyLabelmap } from './grid';

const MANIFEST = {
  task: { assignment_id: 7, reader_id: '3' },
  revision: null,
  urls: { save: '/save', sign_in: '/accounts/login/' },
  csrf_token: 'old',
} as unknown as Manifest;
const OWNER = { reader_id: '3', assignment_id: '7', visit: 'here' };

interface Sent {
  readonly client_key: string;
  readonly includes: string[];
  readonly parent_revision: number | null;
  readonly runs_gzip_base64?: string;
  readonly mask_gzip_base64?: string;
  readonly sha256?: string;
  readonly liver_lps_mm?: number[] | null;
}

let kept: Draft | null;
let states: SaveState[];
let said: string[];
let sent: Sent[];
let tokens: (string | null)[];
let answer: (body: Sent) => Response;
let list: () => Response;
let server: Uint8Array;
let reading: Reading;
let saving: Saving;

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const listed = (reader = '3') =>
  Response.json({ reader, csrf_token: 'new', may_draw: true, revisions: [], versions: [] });
const confirmed = (id: number, branch = false) =>
  Response.json({ revision: { id, number: id, url: '', lesions: [] }, branch, message: 'Kept beside a newer one.' });

function draw(offset: number): void {
  reading.begin();
  reading.paint([offset]);
  reading.end();
}

function open(resumed?: { draft: Draft; labels: Uint8Array }): void {
  const drafts = {
    keep: async (draft: Draft) => {
      kept = structuredClone(draft);
    },
    forget: async () => {
      kept = null;
    },
  };
  const labelmap = emptyLabelmap();
  if (resumed) labelmap.voxels.set(resumed.labels);
  reading = new Reading(labelmap, [], 'tumour');
  const keeper = new Keeper(OWNER, 21 * 21, emptyLabelmap().voxels, null, drafts, resumed);
  saving = new Saving({
    manifest: MANIFEST,
    reading,
    keeper,
    session: new Session(MANIFEST),
    time: { report: () => ({ visit: 'here', active_seconds: 5 }) },
    show: (state) => states.push(state),
    say: (message) => said.push(message),
  });
  reading.onChange(({ finished, voxels }) => {
    if (finished) saving.note(voxels ?? null);
  });
}

/** What the server makes of an edit, as backend/annotations/services/edits.py does. */
async function received(body: Sent): Promise<Uint8Array> {
  const voxels = server.slice();
  applyRuns(voxels, await gunzip(bytesOf(body.runs_gzip_base64 as string)));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', voxels as BufferSource));
  expect(Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(body.sha256);
  return voxels;
}

const networkLost = () => {
  throw new TypeError('network');
};

beforeEach(() => {
  kept = null;
  [states, said, sent, tokens] = [[], [], [], []];
  server = emptyLabelmap().voxels;
  list = () => listed();
  vi.stubGlobal('document', { cookie: '' });
  vi.stubGlobal('window', Object.assign(new EventTarget(), { setTimeout: () => 0 }));
  vi.stubGlobal('fetch', async (_: string, { body, headers }: RequestInit) => {
    if (!body) return list();
    tokens.push((headers as Headers).get('X-CSRFToken'));
    sent.push(JSON.parse(String(body)));
    return answer(sent.at(-1) as Sent);
  });
  open();
});

afterEach(() => vi.unstubAllGlobals());

it('keeps a step here until the server has it, then forgets it', async () => {
  answer = () => confirmed(1);
  draw(1);
  await saving.flush();
  expect(states.at(-1)).toEqual({ kind: 'saved', revision: 1 });
  expect([kept, saving.revision_id]).toEqual([null, 1]);
});

it('sends what changed since the confirmed revision, and the hash of all of it', async () => {
  answer = () => confirmed(sent.length);
  draw(1);
  await saving.flush();
  server = await received(sent[0]);
  draw(700);
  reading.undo();
  reading.redo();
  await saving.flush();
  server = await received(sent[1]);
  expect(server).toEqual(reading.labelmap.voxels);
  expect(sent.map(({ parent_revision }) => parent_revision)).toEqual([null, 1]);
  expect(bytesOf(sent[1].runs_gzip_base64 as string).length).toBeLessThan(60);
});

it('sends the same draft again when the answer was lost', async () => {
  answer = networkLost;
  draw(1);
  await expect(saving.flush()).rejects.toThrow('not reached the server');
  expect(states.at(-1)).toEqual({ kind: 'offline', changes: 1 });
  expect(kept?.mask_gzip).toBeDefined();
  answer = () => confirmed(1);
  await saving.flush();
  expect(sent[1].client_key).toBe(sent[0].client_key);
  expect(kept).toBeNull();
});

it('names the unanswered save in the next one, which holds its changes too', async () => {
  answer = networkLost;
  draw(1);
  await saving.flush().catch(() => undefined);
  draw(2);
  answer = () => confirmed(5);
  await saving.flush();
  expect(sent).toHaveLength(2);
  expect(sent[1].includes).toEqual([sent[0].client_key]);
  expect(await received(sent[1])).toEqual(reading.labelmap.voxels);
  expect(states.at(-1)).toEqual({ kind: 'saved', revision: 5 });
});

it('keeps drawing while a save is under way', async () => {
  let release: (response: Response) => void = () => undefined;
  const slow = new Promise<Response>((done) => {
    release = done;
  });
  answer = () => slow as unknown as Response;
  draw(1);
  const flushed = saving.flush();
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  draw(2);
  // In the worker one request follows the other.
  await vi.waitFor(() => expect(kept?.changes).toBe(2));
  answer = () => confirmed(2);
  release(confirmed(1));
  await flushed.catch(() => undefined);
  expect(kept?.parent).toMatchObject({ id: 1 });
  server = await received(sent[0]);
  await saving.flush();
  expect(await received(sent[1])).toEqual(reading.labelmap.voxels);
});

it('sends the whole mask where the server does not hold the parent', async () => {
  answer = ({ mask_gzip_base64 }) =>
    mask_gzip_base64 ? confirmed(1) : Response.json({ message: 'Needed.', need: 'whole' }, { status: 409 });
  draw(1);
  await saving.flush();
  expect(await gunzip(bytesOf(sent[1].mask_gzip_base64 as string))).toEqual(reading.labelmap.voxels);
  expect(states.at(-1)).toEqual({ kind: 'saved', revision: 1 });
});

it('goes on with a fresh token after the session was renewed', async () => {
  answer = () => (tokens.at(-1) === 'old' ? new Response('', { status: 403 }) : confirmed(1));
  draw(1);
  await saving.flush();
  expect(tokens).toEqual(['old', 'new']);
  expect(kept).toBeNull();
});

it('says that the person is signed out, keeps the change, and sends it after signing in', async () => {
  answer = () => new Response('', { status: 401 });
  list = () => new Response('', { status: 401 });
  draw(1);
  await saving.flush().catch(() => undefined);
  expect(states.at(-1)).toEqual({ kind: 'signed-out', changes: 1 });
  expect(kept).not.toBeNull();
  list = () => listed();
  answer = () => (tokens.at(-1) === 'new' ? confirmed(1) : new Response('', { status: 401 }));
  await saving.flush();
  expect(states.at(-1)).toEqual({ kind: 'saved', revision: 1 });
});

it('sends nothing in the name of somebody else', async () => {
  answer = () => new Response('', { status: 403 });
  list = () => listed('4');
  draw(1);
  await saving.flush().catch(() => undefined);
  expect(states.at(-1)).toMatchObject({ kind: 'refused', message: expect.stringContaining('Somebody else') });
  expect(sent).toHaveLength(1);
});

it('hands in what the screen shows, whatever was noted', async () => {
  answer = () => confirmed(1);
  reading.labelmap.voxels[5] = 1;
  await saving.flush();
  expect(await received(sent[0])).toEqual(reading.labelmap.voxels);
});

it('says when the save became a branch', async () => {
  answer = () => confirmed(5, true);
  draw(1);
  await saving.flush();
  expect(said).toEqual(['Kept beside a newer one.']);
});

it('shows the refusal of the server and keeps the draft', async () => {
  answer = () => Response.json({ message: 'This reading was submitted.' }, { status: 409 });
  draw(1);
  await expect(saving.flush()).rejects.toThrow();
  expect(states.at(-1)).toEqual({ kind: 'refused', message: 'This reading was submitted.' });
  expect(kept).not.toBeNull();
});

it('goes on from a draft of an earlier visit, under its own key', async () => {
  answer = networkLost;
  draw(1);
  draw(2);
  await saving.flush().catch(() => undefined);
  const draft = kept as unknown as Draft;
  const labels = reading.labelmap.voxels.slice();
  answer = () => confirmed(3);
  open({ draft, labels });
  saving.resume(draft);
  await saving.flush();
  expect(sent[1].client_key).toBe(draft.client_key);
  expect(await received(sent[1])).toEqual(labels);
  expect([kept, states.at(-1)]).toEqual([null, { kind: 'saved', revision: 3 }]);
});

it('sends what other windows left behind, and keeps what does not arrive', async () => {
  answer = networkLost;
  draw(1);
  await saving.flush().catch(() => undefined);
  const draft = { ...(kept as unknown as Draft), visit: 'crashed' };
  const forgotten: string[] = [];
  const drafts = { forget: async ({ visit }: { visit: string }) => void forgotten.push(visit) };
  expect(await sendLeftBehind([draft], drafts, new Session(MANIFEST), '/save')).toBe(0);
  answer = () => confirmed(9, true);
  expect(await sendLeftBehind([draft], drafts, new Session(MANIFEST), '/save')).toBe(1);
  expect(forgotten).toEqual(['crashed']);
});

it('sends where the liver sphere lies with the next step', async () => {
  answer = () => confirmed(1);
  reading.liver_lps_mm = [12, -8, 140];
  draw(1);
  await saving.flush();
  expect(sent[0].liver_lps_mm).toEqual([12, -8, 140]);
});

it('says before handing in that other versions are open, and nothing where the server cannot be asked', async () => {
  answer = () => confirmed(1);
  draw(1);
  const session = new Session(MANIFEST);
  const asked = async (...versions: string[]) => {
    list = () => Response.json({ reader: '3', csrf_token: 'new', may_draw: true, revisions: [], versions });
    return openVersions(saving, session);
  };
  expect(await asked('a')).toEqual([]);
  expect((await asked('a', 'b'))[0]).toContain('Another version of this reading is still open');
  expect((await asked('a', 'b', 'c'))[0]).toContain('2 other versions of this reading are still open');
  list = networkLost;
  expect(await openVersions(saving, session)).toEqual([]);
});
