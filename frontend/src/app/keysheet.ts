// "?" shows the keys of the page: those listed in <template data-keysheet> or registered by an instrument, and the common ones.
import { el, showDialog } from '../lib/dom';

export type Key = readonly [keys: string, meaning: string];
const COMMON: Key[] = [
  ['?', 'Show these keys'],
  ['/', 'Go to the search field'],
];
const registered: Key[] = [];

export function registerKeys(keys: readonly Key[]): void {
  registered.push(...keys);
}

export function showKeySheet(): void {
  const list = el('dl', { class: 'petra-keys' });
  for (const [keys, meaning] of [...registered, ...COMMON]) {
    const caps = keys.split(' ').map((key) => el('kbd', {}, key));
    list.append(el('div', {}, el('dt', {}, ...caps.flatMap((cap) => [cap, ' '])), el('dd', {}, meaning)));
  }
  const body = el('div', { class: 'petra-dialog-body' }, el('h2', {}, 'Keys'), list);
  void showDialog(body, [{ label: 'Close', value: '', style: 'btn-primary' }], 'is-wide');
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}

export function offerKeySheet(root: Document): void {
  root.addEventListener('keydown', (event) => {
    if (typing(event.target) || event.ctrlKey || event.metaKey || root.querySelector('dialog[open]')) return;
    if (event.key === '?') showKeySheet();
    if (event.key === '/') {
      const search = root.querySelector<HTMLInputElement>('input[type=search]');
      if (!search) return;
      event.preventDefault();
      search.focus();
    }
  });
}
