// A reading: lesions and voxels change in steps that are undone and redone whole.
import { beforeEach, expect, it } from 'vitest';
import type { Proposal } from '../src/viewer/manifest';
import { Reading } from '../src/viewer/reading';
import { emptyLabelmap } from './grid';

let reading: Reading;
const count = (label: number) => reading.labelmap.voxels.filter((present) => present === label).length;
const proposal = (id: string, kind: Proposal['kind'], title: string): Proposal => ({
  id,
  kind,
  title,
  url: '',
  reject_url: '',
  rejected_at: '',
});
function paint(offsets: number[]): void {
  reading.begin();
  reading.paint(offsets);
  reading.end();
}

beforeEach(() => {
  reading = new Reading(emptyLabelmap(), [], 'tumour');
});

it('makes the first lesion with the first stroke, the primary tumour', () => {
  paint([1, 2, 3]);
  expect(reading.lesions).toMatchObject([{ label: 1, name: 'Primary tumour', role: 'primary' }]);
  expect(count(1)).toBe(3);
});

it('undoes and redoes a stroke whole, with the lesion it made', () => {
  paint([1, 2, 3]);
  paint([3, 4]);
  reading.undo();
  expect(count(1)).toBe(3);
  reading.undo();
  expect([count(1), reading.lesions.length, reading.canUndo]).toEqual([0, 0, false]);
  reading.redo();
  reading.redo();
  expect([count(1), reading.lesions.length, reading.canRedo]).toEqual([4, 1, false]);
});

it('never paints over another lesion', () => {
  paint([1, 2, 3]);
  reading.addLesion();
  paint([3, 4]);
  expect([count(1), count(2)]).toEqual([3, 1]);
  expect(reading.lesions[1].role).toBe('node');
});

it('erases from the active lesion, or from every one where that is asked for', () => {
  paint([1, 2]);
  reading.addLesion();
  paint([3, 4]);
  reading.begin();
  reading.erase([2, 3, 99], 'every');
  reading.end();
  expect([count(1), count(2)]).toEqual([1, 1]);
  reading.begin();
  reading.erase([1, 4]);
  reading.end();
  expect([count(1), count(2)]).toEqual([1, 0]);
});

it('reshapes the active lesion in one step and leaves the others alone', () => {
  paint([1, 2]);
  reading.addLesion();
  paint([3, 4, 5]);
  expect(reading.reshape([2, 4, 5, 6, 7])).toEqual({ added: 2, removed: 1 });
  expect([count(1), [...reading.labelmap.offsetsOf(2)]]).toEqual([2, [4, 5, 6, 7]]);
  reading.undo();
  expect([count(1), [...reading.labelmap.offsetsOf(2)].sort()]).toEqual([2, [3, 4, 5]]);
});

it('brings a deleted lesion back with its voxels', () => {
  paint([1, 2]);
  reading.removeLesion(1);
  expect([count(1), reading.lesions.length]).toEqual([0, 0]);
  reading.undo();
  expect([count(1), reading.lesions.length, reading.active_label]).toEqual([2, 1, 1]);
});

it('uses the lowest free label again', () => {
  paint([1]);
  reading.addLesion();
  reading.removeLesion(1);
  reading.addLesion();
  expect(reading.lesions.map(({ label }) => label)).toEqual([2, 1]);
});

it('drops what was undone when something new is drawn', () => {
  paint([1]);
  reading.undo();
  paint([2]);
  expect(reading.canRedo).toBe(false);
});

it('does not count a stroke that changed nothing', () => {
  paint([1]);
  let finished = 0;
  reading.onChange((change) => {
    finished += Number(change.finished);
  });
  paint([1]);
  expect(finished).toBe(0);
});

it('keeps brown fat in one region, however often the rule is accepted', () => {
  const brown_fat = new Reading(emptyLabelmap(), [], 'bat');
  const proposed = new Uint8Array(brown_fat.labelmap.voxels.length).fill(1, 0, 4);
  for (const id of ['a', 'b']) brown_fat.accept(proposal(id, 'bat_rule', 'BAT rule'), proposed);
  expect(brown_fat.lesions).toEqual([{ label: 1, name: 'Brown fat', role: 'bat', site: '' }]);
});

it('accepts each label of a proposal as a lesion, around what is drawn already', () => {
  paint([1, 2]);
  const proposed = new Uint8Array(reading.labelmap.voxels.length);
  proposed.set([1, 1, 1, 2], 2);
  reading.accept(proposal('p', 'nnunet', 'Model'), proposed);
  expect([count(1), count(2), count(3)]).toEqual([2, 2, 1]);
  expect(reading.proposal_id).toBe('p');
  reading.undo();
  expect([count(2), reading.lesions.length]).toEqual([0, 1]);
});
