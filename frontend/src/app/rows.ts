// Moving through the rows of a list by key: table[data-key-rows]. j and k go on, Enter opens, x ticks.
import { registerKeys } from './keysheet';

const MARK = 'is-at';

/** The row that j or k goes to from ``at`` (−1 before the first); null for another key. */
export function rowAfter(key: string, at: number, rows: number): number | null {
  if (key !== 'j' && key !== 'k') return null;
  return Math.max(0, Math.min(rows - 1, at + (key === 'j' ? 1 : -1)));
}

export function letKeysMoveThroughRows(root: Document): void {
  const table = root.querySelector<HTMLTableElement>('table[data-key-rows]');
  if (!table) return;
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  if (!rows.length) return;
  const ticks = rows.some((row) => row.querySelector('input[type=checkbox]'));
  registerKeys([
    ['j k', 'Next and previous row'],
    ...(rows.some((row) => row.querySelector('a[href]')) ? ([['Enter', 'Open the row']] as const) : []),
    ...(ticks ? ([['x', 'Tick the row']] as const) : []),
  ]);
  let at = -1;
  const go = (to: number) => {
    at = to;
    for (const [place, row] of rows.entries()) row.classList.toggle(MARK, place === at);
    // The row's own link or tick takes the focus, so that a screen reader says where one is and Enter opens it.
    const target = rows[at]?.querySelector<HTMLElement>('a[href], input[type=checkbox]');
    target?.focus({ preventScroll: true });
    rows[at]?.scrollIntoView({ block: 'nearest' });
  };
  root.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || root.querySelector('dialog[open]'))
      return;
    const next = rowAfter(event.key, at, rows.length);
    if (next !== null) go(next);
    else if (event.key === 'x' && at >= 0) rows[at]?.querySelector<HTMLInputElement>('input[type=checkbox]')?.click();
    else return;
    event.preventDefault();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]')
  );
}
