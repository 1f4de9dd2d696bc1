// Fields of the side panel: a labelled number with its unit, and a choice of a few.
import { el } from '../lib/dom';

/** A labelled number with its unit; calls back with positive finite values only. */
export function numberField(
  label: string,
  value: number,
  unit: string,
  step: number,
  changed: (value: number) => void,
): HTMLElement {
  const input = el('input', {
    type: 'number',
    value: Number(value.toFixed(2)),
    step,
    min: 0,
    onchange: (event: Event) => {
      const typed = Number((event.target as HTMLInputElement).value);
      if (Number.isFinite(typed) && typed > 0) changed(typed);
    },
  });
  return el(
    'label',
    { class: 'viewer-field' },
    el('span', { class: 'viewer-label' }, label),
    input,
    el('span', { class: 'unit' }, unit),
  );
}

export interface Choice {
  readonly title: string;
  readonly help?: string;
  readonly pressed: boolean;
  choose(): void;
}

/** Buttons of which one is pressed. */
export function choiceField(label: string, choices: readonly Choice[]): HTMLElement {
  const buttons = choices.map(({ title, help, pressed, choose }) =>
    el('button', { type: 'button', 'aria-pressed': String(pressed), title: help ?? title, onclick: choose }, title),
  );
  return el('div', { class: 'viewer-segmented', role: 'group', 'aria-label': label }, ...buttons);
}
