// The viewer's keys: one table that both listens and fills the "?" sheet.
import { registerKeys } from '../app/keysheet';

export interface KeyAction {
  /** As KeyboardEvent.key, lower case; with "ctrl+" or "shift+" in front */
  readonly keys: readonly string[];
  readonly shown: string;
  readonly meaning: string;
  act(): void;
}

function nameOf(event: KeyboardEvent): string {
  const ctrl = event.ctrlKey || event.metaKey ? 'ctrl+' : '';
  const shift = event.shiftKey && event.key.length > 1 ? 'shift+' : '';
  return `${ctrl}${shift}${event.key.toLowerCase()}`;
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches('textarea, select, input:not([type=range], [type=radio])');
}

export function listenToKeys(actions: readonly KeyAction[]): void {
  registerKeys(actions.map(({ shown, meaning }) => [shown, meaning] as const));
  document.addEventListener('keydown', (event) => {
    if (typing(event.target) || document.querySelector('dialog[open]')) return;
    const action = actions.find(({ keys }) => keys.includes(nameOf(event)));
    if (!action) return;
    event.preventDefault();
    action.act();
  });
}
