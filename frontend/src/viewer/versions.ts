// Every revision of one's own reading: looked at, brought back, and where windows went apart made into one.
import { el, showDialog } from '../lib/dom';
import { formatMl } from '../lib/units';
import { heads, mergeVersions, whenOf } from './merging';
import type { Saving } from './saving';
import type { RevisionEntry, RevisionList, Session } from './session';
import type { Workplace } from './workplace';

export class Versions {
  readonly element: HTMLElement;

  constructor(
    private readonly workplace: Workplace,
    private readonly session: Session,
    private readonly saving: Saving | null,
    private readonly say: (message: string) => void,
  ) {
    this.element = el(
      'button',
      { type: 'button', class: 'btn btn-sm viewer-versions-button', onclick: () => void this.open() },
      'Versions',
    );
  }

  async open(): Promise<void> {
    try {
      await this.saving?.flush();
      await this.choose(await this.session.revisions());
    } catch (error) {
      this.say((error as Error).message);
    }
  }

  private async choose(list: RevisionList): Promise<void> {
    if (list.revisions.length === 0) return this.say('Nothing was drawn in this case yet.');
    const apart = list.may_draw && list.versions.length > 1;
    const sentence = apart
      ? `${list.versions.length} versions stand side by side, because windows drew at the same time. ` +
        'They are compared two at a time until one is left.'
      : 'Every save is kept. Bringing one back makes it the newest; nothing in between is lost.';
    const table = el(
      'table',
      { class: 'table' },
      heads('Revision', 'Time (UTC)', 'Lesions', 'Volume, ml', '', ''),
      el('tbody', {}, ...list.revisions.map((entry) => this.row(entry, list))),
    );
    const body = el(
      'div',
      { class: 'petra-dialog-body viewer-versions' },
      el('h2', {}, 'Versions'),
      el('p', {}, sentence),
      el('div', { class: 'viewer-revisions' }, table),
    );
    const actions = [{ label: 'Close', value: '' }];
    const answer = await showDialog(
      body,
      apart ? [...actions, { label: 'Compare and merge', value: 'merge', style: 'btn-primary' }] : actions,
      'is-wide',
    );
    if (answer === 'merge') await this.merge(list.versions);
    else if (answer) await this.bringBack(answer, list);
  }

  private row(entry: RevisionEntry, list: RevisionList): HTMLElement {
    const look = el(
      'a',
      { class: 'btn btn-sm', href: `${this.workplace.manifest.urls.view}?revision=${entry.id}` },
      'Look',
    );
    const newest = entry.id === list.revisions[0].id;
    const back =
      list.may_draw && !newest
        ? el('button', { class: 'btn btn-sm', type: 'submit', value: String(entry.id) }, 'Bring back')
        : null;
    return el(
      'tr',
      {},
      el('td', { class: 'num' }, String(entry.number)),
      el('td', {}, whenOf(entry)),
      el('td', {}, entry.lesions.map(({ name }) => name).join(', ')),
      el('td', { class: 'num' }, formatMl(entry.volume_ml)),
      el('td', {}, marksOf(entry, newest)),
      el('td', {}, look, ' ', back),
    );
  }

  /** Two at a time, until one is left or the reader stops: what was made so far is kept. */
  private async merge(versions: readonly string[]): Promise<void> {
    let left = versions;
    while (left.length > 1 && (await mergeVersions(this.workplace, this.session, left)))
      left = (await this.session.revisions()).versions;
    if (left !== versions) this.showNewest();
  }

  /** The newest open version is what the old one is laid upon. */
  private async bringBack(revision: string, { versions, revisions }: RevisionList): Promise<void> {
    const { restore } = this.workplace.manifest.urls;
    const parent_revision = versions[0] ?? revisions[0].id;
    await this.session.post(restore, { revision, parent_revision });
    this.showNewest();
  }

  private showNewest(): void {
    location.assign(this.workplace.manifest.urls.view);
  }
}

function marksOf(entry: RevisionEntry, newest: boolean): string {
  const marks = [
    newest && 'newest',
    entry.is_handed_in && 'handed in',
    entry.is_tip && !newest && 'open version',
    entry.merged && 'made of two',
    entry.restored && 'brought back',
  ];
  return marks.filter(Boolean).join(', ');
}
