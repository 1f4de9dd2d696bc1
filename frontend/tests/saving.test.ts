// Autosave: what the server has not confirmed is sent again, under the same key, and forgotten only once confirmed.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Draft } from '../src/viewer/drafts';
import type { Manifest } from '../src/viewer/manifest';
import { Reading } from '../src/viewer/reading';
import { type SaveState, Saving } from '../src/viewer/saving';
import { emptyLabelmap } from './grid';

const MANIFEST = {
  task: { assignment_id: 7 },
  revision: null,
  urls: { save: '/save' },
  csrf_token: 'token',
} as unknown as Manifest;

let kept: Draft | null;
let states: SaveState[];
let said: string[];
let sent: { client_key: string; parent_revision: number | null }[];
let answer: () => Response;
let reading: Reading;
let saving: Saving;

const confirmed = (id: number, branch = false) =>
  Response.json({ revision: { id, number: id, url: '', lesions: [] }, branch, message: 'Kept beside a newer one.' });

function draw(offset: number): void {
  reading.begin();
  reading.paint([offset]);
  reading.end();
}

beforeEach(() => {
  kept = null;
  [states, said, sent] = [[], [], []];
  vi.stubGlobal('window', Object.assign(new EventTarget(), { setTimeout: () => 0 }));
  vi.stubGlobal('fetch', async (_: string, { body }: RequestInit) => {
    sent.push(JSON.parse(String(body)));
    return answer();
  });
  const drafts = {
    keep: async (draft: Draft) => {
      kept = draft;
    },
    forget: async (_: string, client_key: string) => {
      if (kept?.client_key === client_key) kept = null;
    },
  };
  reading = new Reading(emptyLabelmap(), [], 'tumour');
  saving = new Saving(
    MANIFEST,
    reading,
    drafts,
    (state) => states.push(state),
    (message) => said.push(message),
  );
  reading.onChange(({ finished }) => {
    if (finished) saving.note();
  });
});

afterEach(() => vi.unstubAllGlobals());

it('keeps a step here until the server has it, then forgets it', async () => {
  answer = () => confirmed(1);
  draw(1);
  await saving.flush();
  expect(states.at(-1)).toEqual({ kind: 'saved', revision: 1 });
  expect([kept, saving.revision_id]).toEqual([null, 1]);
});

it('sends the same draft again when the answer was lost', async () => {
  answer = () => {
    throw new TypeError('network');
  };
  draw(1);
  await expect(saving.flush()).rejects.toThrow('not reached the server');
  expect(states.at(-1)).toEqual({ kind: 'offline', changes: 1 });
  expect(kept).not.toBeNull();
  answer = () => confirmed(1);
  await saving.flush();
  expect(sent[1].client_key).toBe(sent[0].client_key);
  expect(kept).toBeNull();
});

it('sends the older draft first, then the newest, when steps followed a lost answer', async () => {
  answer = () => {
    throw new TypeError('network');
  };
  draw(1);
  await saving.flush().catch(() => undefined);
  draw(2);
  answer = () => confirmed(sent.length);
  await saving.flush();
  expect(sent).toHaveLength(3);
  expect(sent[1].client_key).toBe(sent[0].client_key);
  expect(states.at(-1)).toEqual({ kind: 'saved', revision: 3 });
});

it('names the newest confirmed revision as the parent', async () => {
  answer = () => confirmed(sent.length);
  draw(1);
  await saving.flush();
  draw(2);
  await saving.flush();
  expect(sent.map(({ parent_revision }) => parent_revision)).toEqual([null, 1]);
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

it('goes on from a draft of an earlier visit', async () => {
  answer = () => confirmed(3);
  const mask_gzip = new Uint8Array([1, 2, 3]);
  const draft = {
    assignment_id: '7',
    parent_revision: 2,
    lesions: [],
    mask_gzip,
    proposal_id: null,
    client_key: 'k',
    changes: 4,
  };
  kept = draft;
  saving.resume(draft);
  await saving.flush();
  expect(sent).toMatchObject([{ client_key: 'k', parent_revision: 2, mask_gzip_base64: 'AQID' }]);
  expect([kept, states.at(-1)]).toEqual([null, { kind: 'saved', revision: 3 }]);
});
