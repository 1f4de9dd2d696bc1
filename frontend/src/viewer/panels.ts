// The side panel: case, tools, lesions, proposals, PET offset and the outcome; each part is a titled section.
import { el } from '../lib/dom';
import type { Manifest } from './manifest';

export function section(title: string, ...content: (Node | null)[]): HTMLElement {
  return el('section', { class: 'viewer-section' }, el('h2', {}, title), ...content);
}

/** A section that is folded until it is needed. */
export function folded(title: string, ...content: Node[]): HTMLElement {
  return el('details', { class: 'viewer-section' }, el('summary', {}, title), ...content);
}

export function caseHeader({ case: { pseudonym, synthetic }, task, volumes }: Manifest): HTMLElement {
  const state = task.state === 'submitted' ? 'Submitted' : task.may_draw ? 'Open' : 'Read only';
  const kind = task.kind === 'bat' ? 'Brown fat' : 'Tumour';
  return el(
    'header',
    { class: 'viewer-case' },
    el('h1', {}, pseudonym),
    el('span', { class: 'viewer-badge' }, `${kind} · ${state}`),
    synthetic ? el('span', { class: 'viewer-badge is-synthetic' }, 'Synthetic') : null,
    task.read_only_reason ? el('p', { class: 'viewer-note' }, task.read_only_reason) : null,
    passport(volumes.pet.passport),
  );
}

function passport(given: Manifest['volumes']['pet']['passport']): HTMLElement | null {
  if (!given) return null;
  const warnings = given.warnings.map((warning) => el('li', {}, warning));
  return el(
    'details',
    { class: 'viewer-passport' },
    el(
      'summary',
      {},
      `SUVbw${warnings.length ? ` · ${warnings.length} warning${warnings.length > 1 ? 's' : ''}` : ''}`,
    ),
    el('p', {}, given.factor_text),
    warnings.length ? el('ul', {}, ...warnings) : null,
  );
}

/** One line at the bottom that says what just happened; read out by screen readers. */
export class Messages {
  readonly element = el('output', { class: 'viewer-message', 'aria-live': 'polite' });
  private timer = 0;

  say(message: string, lasting = false): void {
    this.element.textContent = message;
    clearTimeout(this.timer);
    if (!lasting) this.timer = window.setTimeout(() => this.element.replaceChildren(), 8000);
  }
}
