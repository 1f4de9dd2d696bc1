// The viewer's keys: one table that both listens and fills the "?" sheet.
import { registerKeys } from '../app/keysheet';

export interface KeyAction {
  /** As KeyboardEvent.key, lower case; with "ctrl+" or "shift+" in front */
  readonly keys: readonly string[];
  readonly shown: string;
  readonly meaning: string;
  /** Heading of the "?" sheet under which it is listed */
  readonly group?: string;
  act(): void;
}

export const key = (keys: string | string[], shown: string, meaning: string, act: () => void): KeyAction => ({
  keys: [keys].flat(),
  shown,
  meaning,
  act,
});

export const inGroup = (group: string, actions: readonly KeyAction[]): KeyAction[] =>
  actions.map((action) => ({ ...action, group }));

/** The name under which an action lists a pressed key. */
export function nameOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey'>): string {
  const ctrl = event.ctrlKey || event.metaKey ? 'ctrl+' : '';
  // A sign such as + needs Shift on some keyboards; a letter or a named key with Shift is a key of its own.
  const shift = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key)) ? 'shift+' : '';
  return `${ctrl}${shift}${event.key.toLowerCase()}`;
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches('textarea, select, input:not([type=range], [type=radio])');
}

/** Keys with which the focused control itself is worked: sliders and choices by arrows, buttons by Space and Enter. */
function belongsTo(target: EventTarget | null, event: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (event.key === ' ' || event.key === 'Enter') return target.matches('button, a, summary, input');
  const slides = target.matches('input[type=range], input[type=radio]');
  return slides && /^(Arrow|Page|Home|End)/.test(event.key) && !event.ctrlKey && !event.shiftKey;
}

export function listenToKeys(actions: readonly KeyAction[]): void {
  registerKeys(actions.map(({ shown, meaning, group }) => [shown, meaning, group ?? ''] as const));
  const listen = (event: KeyboardEvent) => {
    if (typing(event.target) || belongsTo(event.target, event) || document.querySelector('dialog[open]')) return;
    const action = actions.find(({ keys }) => keys.includes(nameOf(event)));
    if (!action) return;
    event.preventDefault();
    action.act();
  };
  // On the way down: controls within a pane keep their keys from Cornerstone, which would take them all.
  document.addEventListener('keydown', listen, { capture: true });
}
