// Says that the session has ended and opens the sign-in page beside this one; drawing goes on meanwhile.
import { el } from '../lib/dom';
import type { SaveState } from './saving';

export class SessionNotice {
  readonly element: HTMLElement;

  constructor(sign_in_url: string) {
    const link = el('a', { class: 'btn btn-primary btn-sm', href: sign_in_url, target: '_blank' }, 'Sign in');
    const sentence = 'You are signed out. Go on drawing: it is kept here and sent once you have signed in.';
    this.element = el('div', { class: 'viewer-session', role: 'alert', hidden: true }, el('span', {}, sentence), link);
  }

  show({ kind }: SaveState): void {
    if (kind === 'signed-out') this.element.hidden = false;
    if (kind === 'saved') this.element.hidden = true;
  }
}
