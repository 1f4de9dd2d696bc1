// The lesion list: name, role and site of each, what it measures on the native PET grid, and which one is drawn into.
import { el } from '../lib/dom';
import { formatMl, formatNumber, formatSuvBw } from '../lib/units';
import { placeWarning } from './drawing/surroundings';
import { icon } from './icons';
import { colourOf } from './labels_display';
import type { Lesion, LesionRole, Manifest } from './manifest';
import type { Reading } from './reading';
import { SITES_ID } from './sites';
import type { LesionStatistics } from './statistics';

const ROLES: readonly { value: LesionRole; title: string }[] = [
  { value: 'primary', title: 'Primary tumour' },
  { value: 'node', title: 'Lymph node' },
  { value: 'metastasis', title: 'Metastasis' },
];

export class LesionList {
  readonly element = el('div', { class: 'viewer-lesions' });

  constructor(
    private readonly reading: Reading,
    private readonly task: Manifest['task'],
    private readonly goTo: (label: number) => void,
  ) {}

  show(statistics: ReadonlyMap<number, LesionStatistics>): void {
    if (this.element.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement) {
      this.showMeasures(statistics);
      return;
    }
    this.element.replaceChildren(
      ...this.reading.lesions.map((lesion) => this.card(lesion, statistics.get(lesion.label))),
    );
    if (this.reading.lesions.length === 0) this.element.append(this.nothingYet());
    if (this.reading.lesions.length > 1) this.element.append(total([...statistics.values()]));
  }

  /** Only the figures, while something is being drawn. */
  showMeasures(statistics: ReadonlyMap<number, LesionStatistics>): void {
    for (const { label, name } of this.reading.lesions) {
      const card = this.cardOf(label);
      card?.querySelector('dl')?.replaceWith(measures(statistics.get(label)));
      card?.querySelector('.viewer-warning')?.replaceWith(warning(name, statistics.get(label)));
    }
    this.element.querySelector('.viewer-total')?.replaceWith(total([...statistics.values()]));
  }

  private nothingYet(): HTMLElement {
    const hint = this.task.may_draw
      ? 'Paint with the brush (B) or drag an isocontour (C) over uptake.'
      : 'This reading holds no lesion.';
    return el('p', { class: 'viewer-hint' }, hint);
  }

  private cardOf(label: number): HTMLElement | null {
    return this.element.querySelector(`[data-label="${label}"]`);
  }

  private card(lesion: Lesion, measured: LesionStatistics | undefined): HTMLElement {
    const active = lesion.label === this.reading.active_label;
    const card = el(
      'section',
      { class: `viewer-lesion ${active ? 'is-active' : ''}`, 'data-label': lesion.label },
      el('header', {}, this.chooser(lesion, active), this.name(lesion), ...this.actions(lesion)),
      this.task.kind === 'tumour' ? this.role(lesion) : null,
      measures(measured),
      warning(lesion.name, measured),
    );
    return card;
  }

  private chooser({ label, name }: Lesion, active: boolean): HTMLElement {
    const button = el('button', {
      type: 'button',
      class: 'viewer-swatch',
      title: `Draw into ${name}`,
      'aria-label': `Draw into ${name}`,
      'aria-pressed': String(active),
      onclick: () => this.reading.activate(label),
    });
    button.style.backgroundColor = `rgb(${colourOf(label).join(' ')})`;
    return button;
  }

  private name({ label, name }: Lesion): HTMLElement {
    return el('input', {
      class: 'viewer-name',
      value: name,
      'aria-label': 'Name',
      maxlength: 80,
      disabled: !this.task.may_draw,
      onfocus: () => {
        if (this.reading.active_label !== label) this.reading.active_label = label;
      },
      onchange: (event: Event) => {
        const input = event.target as HTMLInputElement;
        input.value = input.value.trim() || name;
        if (input.value !== name) this.reading.describeLesion(label, { name: input.value });
      },
    });
  }

  private role({ label, role, site }: Lesion): HTMLElement {
    const disabled = !this.task.may_draw;
    const options = ROLES.map(({ value, title }) => el('option', { value, selected: value === role }, title));
    const choose = (event: Event) =>
      this.reading.describeLesion(label, { role: (event.target as HTMLSelectElement).value as LesionRole });
    return el(
      'div',
      { class: 'viewer-role' },
      el('select', { 'aria-label': 'Role', disabled, onchange: choose }, ...options),
      el('input', {
        value: site,
        placeholder: 'Site',
        list: SITES_ID,
        'aria-label': 'Site',
        maxlength: 80,
        disabled,
        onchange: (event: Event) =>
          this.reading.describeLesion(label, { site: (event.target as HTMLInputElement).value }),
      }),
    );
  }

  private actions({ label, name }: Lesion): HTMLElement[] {
    const button = (name_: string, title: string, act: () => void) =>
      el(
        'button',
        { type: 'button', class: 'viewer-icon-button', title, 'aria-label': title, onclick: act },
        icon(name_),
      );
    const find = button('focus', `Go to ${name}`, () => this.goTo(label));
    return this.task.may_draw
      ? [find, button('trash', `Delete ${name}`, () => this.reading.removeLesion(label))]
      : [find];
  }
}

function measures(measured: LesionStatistics | undefined): HTMLElement {
  return el(
    'dl',
    { class: 'viewer-measures' },
    measure('SUVmax', formatSuvBw(measured?.suv_bw_max), ''),
    measure('SUVpeak', formatSuvBw(measured?.suv_bw_peak), ''),
    measure('SUVmean', formatSuvBw(measured?.suv_bw_mean), ''),
    measure('MTV', formatMl(measured?.mtv_ml), 'ml'),
    measure('TLG', formatNumber(measured?.tlg_g, 1), 'g'),
  );
}

function measure(name: string, value: string, unit: string): HTMLElement {
  return el('div', {}, el('dt', {}, name), el('dd', {}, value, ' ', el('span', { class: 'unit' }, unit)));
}

/** Volumes add up over lesions, since a voxel belongs to one only. */
function total(lesions: readonly LesionStatistics[]): HTMLElement {
  const sum = (of: (lesion: LesionStatistics) => number) => lesions.reduce((all, lesion) => all + of(lesion), 0);
  const mtv = measure('All: MTV', formatMl(sum(({ mtv_ml }) => mtv_ml)), 'ml');
  const tlg = measure(
    'TLG',
    formatNumber(
      sum(({ tlg_g }) => tlg_g),
      1,
    ),
    'g',
  );
  return el('dl', { class: 'viewer-measures viewer-total' }, mtv, tlg);
}

function warning(name: string, measured: LesionStatistics | undefined): HTMLElement {
  return el('p', { class: 'viewer-warning', role: 'status' }, measured ? placeWarning(name, measured) : null);
}
