// Handing in the reading: its lesions, "no avid tumour", or "not evaluable" with a reason.
import { el, showDialog } from '../lib/dom';
import { placeWarning } from './drawing/surroundings';
import type { Manifest } from './manifest';
import type { Reading } from './reading';
import type { Saving } from './saving';
import type { Session } from './session';
import type { LesionStatistics } from './statistics';

type Outcome = 'lesions' | 'no_avid_tumour' | 'not_evaluable';

const outcomesOf = (kind: Manifest['task']['kind']): readonly { value: Outcome; title: string }[] => [
  { value: 'lesions', title: 'As drawn' },
  { value: 'no_avid_tumour', title: kind === 'bat' ? 'No active brown fat' : 'No avid tumour' },
  { value: 'not_evaluable', title: 'Not evaluable' },
];

export function outcomeForm(
  manifest: Manifest,
  reading: Reading,
  saving: Saving,
  session: Session,
  say: (message: string) => void,
  measures: () => ReadonlyMap<number, LesionStatistics>,
): HTMLElement {
  const reason = el('textarea', {
    class: 'form-control',
    rows: 2,
    maxlength: 500,
    placeholder: 'Reason',
    'aria-label': 'Reason',
    // What an adjudicator signs against the automatic proposal needs a reason; the server says when.
    hidden: !signs(manifest),
  });
  const choices = outcomesOf(manifest.task.kind).map(({ value, title }) =>
    el(
      'label',
      { class: 'viewer-choice' },
      el('input', {
        type: 'radio',
        name: 'outcome',
        value,
        checked: value === 'lesions',
        onchange: () => {
          reason.hidden = value === 'lesions' && !signs(manifest);
        },
      }),
      title,
    ),
  );
  const submit = el(
    'button',
    { type: 'submit', class: 'btn btn-primary w-100', id: 'viewer-submit' },
    signs(manifest) ? 'Sign consensus' : 'Submit reading',
  );
  const form = el(
    'form',
    { class: 'viewer-outcome' },
    el('div', { class: 'viewer-choices', role: 'radiogroup', 'aria-label': 'Outcome' }, ...choices),
    reason,
    submit,
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const outcome = new FormData(form).get('outcome') as Outcome;
    const refusal = refusalOf(outcome, reason.value.trim(), reading);
    if (refusal) return say(refusal);
    submit.disabled = true;
    const warnings = [...placeWarnings(reading, measures()), ...(await openVersions(saving, session))];
    submit.disabled = false;
    if (!(await confirmed(outcome, manifest, reading, warnings))) return;
    submit.disabled = true;
    await handIn(manifest, saving, session, outcome, reason.value.trim()).catch((error: Error) => say(error.message));
    submit.disabled = false;
  });
  return form;
}

/** An adjudication ends with a signature, a reading with handing it in. */
function signs({ task }: Manifest): boolean {
  return task.purpose === 'adjudication';
}

/** Why this outcome cannot be handed in yet, or null. */
export function refusalOf(outcome: Outcome, reason: string, { lesions, labelmap }: Reading): string | null {
  const empty = lesions.find(({ label }) => labelmap.countOf(label) === 0);
  if (outcome === 'lesions' && lesions.length === 0) return 'Draw a lesion, or choose another outcome.';
  if (outcome === 'lesions' && empty) return `“${empty.name}” holds no voxel. Draw it or delete it.`;
  if (outcome === 'no_avid_tumour' && labelmap.labels.length > 0)
    return 'Voxels are drawn. Delete the lesions, or submit them.';
  if (outcome === 'not_evaluable' && reason === '') return 'Say why the case is not evaluable.';
  return null;
}

/** What is odd about where lesions lie, said once more before they are handed in. */
export function placeWarnings({ lesions }: Reading, measures: ReadonlyMap<number, LesionStatistics>): string[] {
  return lesions.flatMap(({ label, name }) => {
    const measured = measures.get(label);
    return (measured && placeWarning(name, measured)) ?? [];
  });
}

/** That other versions are open, which handing in leaves behind; nothing where the server cannot be asked now. */
export async function openVersions(
  saving: Pick<Saving, 'flush'>,
  session: Pick<Session, 'revisions'>,
): Promise<string[]> {
  try {
    await saving.flush();
    const others = (await session.revisions()).versions.length - 1;
    if (others < 1) return [];
    const which = others === 1 ? 'Another version of this reading is' : `${others} other versions of this reading are`;
    return [`${which} still open. Only what you see here is handed in: Versions compares and merges them.`];
  } catch {
    // Handing in says itself why it cannot be done.
    return [];
  }
}

async function confirmed(
  outcome: Outcome,
  manifest: Manifest,
  { lesions }: Reading,
  warnings: readonly string[],
): Promise<boolean> {
  const { task } = manifest;
  const [question, consequence] = signs(manifest)
    ? ['Sign this consensus?', 'What is signed is frozen; only reopening it, with a reason, makes way for another.']
    : ['Submit this reading?', 'A submitted reading cannot be changed.'];
  const count = lesions.length === 1 ? '1 lesion' : `${lesions.length} lesions`;
  const what = outcome === 'lesions' ? count : outcomesOf(task.kind).find(({ value }) => value === outcome)?.title;
  const body = el(
    'div',
    { class: 'petra-dialog-body' },
    el('h2', {}, question),
    el('p', {}, `Outcome: ${what}. ${consequence}`),
    ...warnings.map((sentence) => el('p', { class: 'viewer-warning' }, sentence)),
  );
  const actions = [
    { label: 'Cancel', value: '' },
    { label: signs(manifest) ? 'Sign' : 'Submit', value: 'yes', style: 'btn-primary' },
  ];
  return (await showDialog(body, actions)) === 'yes';
}

async function handIn(
  manifest: Manifest,
  saving: Saving,
  session: Session,
  outcome: Outcome,
  reason: string,
): Promise<void> {
  await saving.flush();
  const body = { revision: saving.revision_id, outcome, reason };
  const { next_url } = await session.post<{ next_url: string }>(manifest.urls.submit, body);
  location.assign(next_url);
}
