// "?" shows the keys of the page: those listed in <template data-keysheet> or registered by an instrument, and the common ones.
import { el, showDialog } from '../lib/dom';

export type Key = readonly [keys: string, meaning: string, group?: string];
const COMMON: Key[] = [
  ['?', 'Show these keys'],
  ['/', 'Go to the search field'],
];
const registered: Key[] = [];

export function registerKeys(keys: readonly Key[]): void {
  registered.push(...keys);
}

function listOf(keys: readonly Key[]): HTMLElement {
  const list = el('dl', { class: 'petra-keys' });
  for (const [shown, meaning] of keys) {
    const caps = shown.split(' ').map((key) => el('kbd', {}, key));
    list.append(el('div', {}, el('dt', {}, ...caps.flatMap((cap) => [cap, ' '])), el('dd', {}, meaning)));
  }
  return list;
}

export function showKeySheet(): void {
  const keys: Key[] = [...registered, ...COMMON];
  const groups = [...new Set(keys.map(([, , group]) => group ?? ''))];
  const parts = groups.flatMap((group) => [
    group ? el('h3', { class: 'petra-keys-group' }, group) : null,
    listOf(keys.filter(([, , own]) => (own ?? '') === group)),
  ]);
  const body = el('div', { class: 'petra-dialog-body' }, el('h2', {}, 'Keys'), ...parts);
  void showDialog(
    body,
    [{ label: 'Close', value: '', style: 'btn-primary' }],
    registered.length ? 'is-wide is-sheet' : 'is-wide',
  );
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
