// The bar above the panes: layouts, CT windows, the PET's scale and colours, loading and saving state.
import { el } from '../lib/dom';
import { formatNumber } from '../lib/units';
import { type Appearance, CT_WINDOWS, suvUpper } from './appearance';
import { icon } from './icons';
import { LAYOUTS, type LayoutName } from './layout';
import type { SaveState } from './saving';

export interface ToolbarActions {
  layout(name: LayoutName): void;
  restyle(changes: Partial<Appearance>): void;
  keys(): void;
}

type Choice = { readonly value: string; readonly title: string; readonly key: string; readonly help?: string };

function segmented(label: string, choices: readonly Choice[], choose: (value: string) => void): HTMLElement {
  const buttons = choices.map(({ value, title, key, help }) => {
    const hint = `${help ?? title} (${key.toUpperCase()})`;
    return el('button', { type: 'button', 'data-value': value, title: hint, onclick: () => choose(value) }, title);
  });
  return el('div', { class: 'viewer-segmented', role: 'group', 'aria-label': label }, ...buttons);
}

function press(group: HTMLElement, value: string): void {
  for (const button of group.querySelectorAll<HTMLElement>('button')) {
    button.setAttribute('aria-pressed', String(button.dataset.value === value));
  }
}

export class Toolbar {
  readonly element: HTMLElement;
  private readonly layouts: HTMLElement;
  private readonly windows: HTMLElement;
  private readonly upper = el('input', { type: 'range', min: 0.5, max: 30, step: 0.5, 'aria-label': 'Upper SUVbw' });
  private readonly upper_text = el('span', { class: 'viewer-value', id: 'suv-upper' });
  private readonly opacity = el('input', {
    type: 'range',
    min: 0,
    max: 100,
    step: 5,
    'aria-label': 'PET opacity in fusion',
  });
  private readonly opacity_text = el('span', { class: 'viewer-value' });
  private readonly colours: HTMLElement;
  private readonly loading = el('span', { class: 'viewer-loading', id: 'viewer-loading', role: 'status' });
  private readonly arrived = el('progress', {
    class: 'viewer-arrived',
    max: 1,
    value: 0,
    'aria-label': 'Images loaded',
  });
  readonly saving = el('span', { class: 'viewer-saving', id: 'viewer-saving', role: 'status' });

  constructor(actions: ToolbarActions) {
    const layouts = Object.entries(LAYOUTS).map(([value, { title, key, help }]) => ({ value, title, key, help }));
    const windows = CT_WINDOWS.map(({ title, key }) => ({ value: title, title, key }));
    const colours = [
      { value: 'inverted grey', title: 'Grey', help: 'Inverted grey', key: 'i' },
      { value: 'hot iron', title: 'Hot iron', key: 'i' },
    ];
    this.layouts = segmented('Layout', layouts, (value) => actions.layout(value as LayoutName));
    this.windows = segmented('CT window', windows, (value) =>
      actions.restyle({ ct_window: CT_WINDOWS.find(({ title }) => title === value) }),
    );
    this.colours = segmented('PET colours', colours, (value) =>
      actions.restyle({ pet_colours: value as Appearance['pet_colours'] }),
    );
    // A slider that was worked by the pointer gives the arrow keys back to the slices.
    for (const slider of [this.upper, this.opacity]) slider.addEventListener('pointerup', () => slider.blur());
    this.upper.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        actions.restyle({ suv_bw_upper: suvUpper(Number(this.upper.value) - Math.sign(event.deltaY) * 0.5) });
      },
      { passive: false },
    );
    this.upper.addEventListener('input', () => actions.restyle({ suv_bw_upper: Number(this.upper.value) }));
    this.opacity.addEventListener('input', () => actions.restyle({ fusion_opacity: Number(this.opacity.value) / 100 }));
    const keys = el(
      'button',
      { type: 'button', class: 'viewer-icon-button', title: 'Keys (?)', 'aria-label': 'Keys', onclick: actions.keys },
      icon('keyboard'),
    );
    this.element = el(
      'div',
      { class: 'viewer-toolbar', role: 'toolbar', 'aria-label': 'Display' },
      this.layouts,
      field('CT', this.windows),
      field('SUV', this.upper, this.upper_text),
      field('Fusion', this.opacity, this.opacity_text),
      field('PET', this.colours),
      el('span', { class: 'viewer-spacer' }),
      this.loading,
      keys,
      this.arrived,
    );
  }

  show(layout: LayoutName, { ct_window, suv_bw_upper, fusion_opacity, pet_colours }: Appearance): void {
    press(this.layouts, layout);
    const preset = CT_WINDOWS.find(
      ({ level_hu, width_hu }) => level_hu === ct_window.level_hu && width_hu === ct_window.width_hu,
    );
    press(this.windows, preset?.title ?? '');
    press(this.colours, pet_colours);
    this.upper.value = String(suv_bw_upper);
    this.upper_text.textContent = `0–${formatNumber(suv_bw_upper, 1)}`;
    this.opacity.value = String(fusion_opacity * 100);
    this.opacity_text.textContent = `${formatNumber(fusion_opacity * 100, 0)} %`;
  }

  showLoading(share: number): void {
    this.loading.textContent = share < 1 ? `${Math.floor(share * 100)} % of the voxels are here` : '';
    this.arrived.value = share;
    this.arrived.hidden = share >= 1;
  }

  showSaving(state: SaveState): void {
    this.saving.dataset.state = state.kind;
    this.saving.textContent = savingText(state);
  }

  showReadOnly(): void {
    this.saving.dataset.state = 'read-only';
    this.saving.textContent = 'Read only';
  }
}

function field(label: string, ...content: Node[]): HTMLElement {
  return el('div', { class: 'viewer-field' }, el('span', { class: 'viewer-label' }, label), ...content);
}

export function savingText(state: SaveState): string {
  if (state.kind === 'offline' || state.kind === 'signed-out') {
    const title = state.kind === 'offline' ? 'Offline' : 'Signed out';
    return `${title}: ${state.changes} change${state.changes === 1 ? '' : 's'} kept here`;
  }
  if (state.kind === 'refused') return `Not saved: ${state.message}`;
  if (state.kind === 'saved')
    return state.revision === null ? 'Nothing drawn yet' : `Saved · revision ${state.revision}`;
  return state.kind === 'saving' ? 'Saving…' : 'Unsaved changes';
}
