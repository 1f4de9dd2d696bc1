// Two versions of one reading side by side: for each lesion one of them, both together, or neither.
import { getBytes, getJson } from '../api/client';
import { el, showDialog } from '../lib/dom';
import { formatMl } from '../lib/units';
import type { Lesion } from './manifest';
import { coronalProjection } from './projection';
import type { RevisionEntry, Session } from './session';
import type { Workplace } from './workplace';

type Take = 'first' | 'second' | 'union' | 'none';

interface LesionPair {
  readonly key: string;
  readonly first: Lesion | null;
  readonly second: Lesion | null;
  readonly first_ml: number;
  readonly second_ml: number;
  readonly is_same: boolean;
}

interface Comparison {
  readonly first: RevisionEntry;
  readonly second: RevisionEntry;
  readonly lesions: readonly LesionPair[];
}

const TITLES: Record<Take, string> = { first: 'Left', second: 'Right', union: 'Both together', none: 'Neither' };

/** Shows the newest two and asks; resolves to whether a revision was made of them. */
export async function mergeVersions(
  { manifest, suv_bw }: Pick<Workplace, 'manifest' | 'suv_bw'>,
  session: Session,
  versions: readonly string[],
): Promise<boolean> {
  const { compare, merge } = manifest.urls;
  const shown = await getJson<Comparison>(`${compare}?first=${versions[0]}&second=${versions[1]}`);
  const sides = await Promise.all([shown.first, shown.second].map((entry) => side(entry, manifest, suv_bw)));
  const choices = shown.lesions.map((pair) => [pair.key, choice(pair)] as const);
  const set = (take: Take) => {
    for (const [, select] of choices) if ([...select.options].some(({ value }) => value === take)) select.value = take;
  };
  const all = (['first', 'second', 'union'] as const).map((take) =>
    el('button', { type: 'button', class: 'btn btn-sm', onclick: () => set(take) }, `All: ${TITLES[take]}`),
  );
  const rows = shown.lesions.map((pair, i) => row(pair, choices[i][1]));
  const body = el(
    'div',
    { class: 'petra-dialog-body viewer-versions' },
    el(
      'h2',
      {},
      versions.length > 2 ? `Two of ${versions.length} versions of this reading` : 'Two versions of this reading',
    ),
    el('p', {}, 'A voxel that both give to different lesions stays with the lesion that is higher in the list.'),
    el('div', { class: 'viewer-sides' }, ...sides),
    el('div', { class: 'viewer-takes' }, ...all),
    el('table', { class: 'table' }, heads('Lesion', 'Left, ml', 'Right, ml', 'Take'), el('tbody', {}, ...rows)),
  );
  const actions = [
    { label: 'Cancel', value: '' },
    { label: versions.length > 2 ? 'Make one of these two' : 'Make one version', value: 'yes', style: 'btn-primary' },
  ];
  if ((await showDialog(body, actions, 'is-wide')) !== 'yes') return false;
  const takes = Object.fromEntries(choices.map(([key, select]) => [key, select.value]));
  await session.post(merge, { first: shown.first.id, second: shown.second.id, takes });
  return true;
}

export function heads(...titles: string[]): HTMLElement {
  return el(
    'thead',
    {},
    el('tr', {}, ...titles.map((title) => el('th', { class: title.endsWith('ml') ? 'num' : '' }, title))),
  );
}

export const whenOf = ({ at }: RevisionEntry) => at.slice(0, 16).replace('T', ' ');

async function side(
  entry: RevisionEntry,
  manifest: Workplace['manifest'],
  suv_bw: Workplace['suv_bw'],
): Promise<HTMLElement> {
  const labels = new Uint8Array(await getBytes(entry.url));
  const title = `Revision ${entry.number} of ${whenOf(entry)} UTC`;
  const picture = coronalProjection(manifest.volumes.pet.geometry, suv_bw, labels, title);
  return el('figure', {}, picture, el('figcaption', {}, title, ` · ${formatMl(entry.volume_ml)} ml`));
}

function choice({ first, second, is_same }: LesionPair): HTMLSelectElement {
  const takes: Take[] = first && second ? ['first', 'second', 'union', 'none'] : [first ? 'first' : 'second', 'none'];
  const options = takes.map((value) => el('option', { value }, TITLES[value]));
  const name = (first ?? second)?.name ?? '';
  return el(
    'select',
    { class: 'form-select form-select-sm', 'aria-label': `Take ${name}`, disabled: is_same },
    ...options,
  );
}

function row({ first, second, first_ml, second_ml, is_same }: LesionPair, select: HTMLSelectElement): HTMLElement {
  const cell = (lesion: Lesion | null, ml: number) => el('td', { class: 'num' }, lesion ? formatMl(ml) : '–');
  const name = is_same ? `${first?.name} (the same in both)` : ((first ?? second)?.name ?? '');
  return el('tr', {}, el('td', {}, name), cell(first, first_ml), cell(second, second_ml), el('td', {}, select));
}
