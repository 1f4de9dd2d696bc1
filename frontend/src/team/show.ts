// Writes a snapshot of the team into the page's two tables.
import { el } from '../lib/dom';

interface OpenCase {
  readonly id: string;
  readonly reader: string;
  readonly pseudonym: string;
  readonly url: string;
  readonly task: string;
  readonly minutes: number;
  readonly is_idle: boolean;
  readonly idle_minutes: number;
}

interface Progress {
  readonly reader: string;
  readonly task: string;
  readonly submitted: number;
  readonly total: number;
  readonly overdue: number;
}

export interface Team {
  readonly here: readonly OpenCase[];
  readonly progress: readonly Progress[];
}

export function showTeam(root: ParentNode, team: Team): void {
  root.querySelector('[data-team-here]')?.replaceChildren(...team.here.map(openCase));
  root.querySelector<HTMLElement>('[data-team-nobody]')?.toggleAttribute('hidden', team.here.length > 0);
  if (team.progress.length)
    root.querySelector('[data-team-progress]')?.replaceChildren(...team.progress.map(progressOf));
}

/** Whether somebody is at an open case, in words and as a badge. */
export function stateOf({ is_idle, idle_minutes }: Pick<OpenCase, 'is_idle' | 'idle_minutes'>): [string, string] {
  return is_idle ? ['state state-queued', `Idle for ${idle_minutes} min`] : ['state state-running', 'Reading'];
}

function openCase(row: OpenCase): HTMLElement {
  const [look, words] = stateOf(row);
  return el(
    'tr',
    {},
    el('td', {}, row.reader),
    el('td', {}, el('a', { href: row.url }, row.pseudonym)),
    el('td', {}, row.task),
    el('td', { class: 'num' }, String(row.minutes)),
    el('td', {}, el('span', { class: look }, words)),
  );
}

function progressOf(row: Progress): HTMLElement {
  return el(
    'tr',
    {},
    el('td', {}, row.reader),
    el('td', {}, row.task),
    el('td', { class: 'num' }, `${row.submitted} of ${row.total}`),
    el('td', { class: 'num' }, String(row.overdue)),
  );
}
