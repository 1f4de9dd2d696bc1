// The tool buttons and the settings of the chosen tool.
import { el } from '../lib/dom';
import { formatNumber } from '../lib/units';
import { icon } from './icons';
import type { Reading } from './reading';
import { RADIUS_MM, TOOLS, type ToolName, type ToolSettings } from './tools';

export class Toolbox {
  readonly element: HTMLElement;
  private readonly buttons: HTMLButtonElement[];
  private readonly options = el('div', { class: 'viewer-options' });
  private readonly undo = this.historyButton('undo', 'Undo (Ctrl+Z)', () => this.reading.undo());
  private readonly redo = this.historyButton('redo', 'Redo (Ctrl+Y)', () => this.reading.redo());

  constructor(
    private readonly settings: ToolSettings,
    private readonly reading: Reading,
    may_draw: boolean,
  ) {
    this.buttons = TOOLS.filter(({ draws }) => may_draw || !draws).map(({ name, title, key, icon: picture, help }) =>
      el(
        'button',
        {
          type: 'button',
          class: 'viewer-tool',
          'data-tool': name,
          title: `${help} (${key.toUpperCase()})`,
          onclick: () => this.choose(name),
        },
        icon(picture),
        el('span', {}, title),
      ),
    );
    const history = may_draw ? el('div', { class: 'viewer-history' }, this.undo, this.redo) : null;
    this.element = el('div', {}, el('div', { class: 'viewer-tools' }, ...this.buttons), this.options, history);
    this.show();
  }

  choose(tool: ToolName): void {
    if (!this.buttons.some(({ dataset }) => dataset.tool === tool)) return;
    this.settings.tool = tool;
    this.show();
  }

  resize(steps: number): void {
    const wanted_mm = this.settings.radius_mm + steps * RADIUS_MM.step;
    this.settings.radius_mm = Math.min(RADIUS_MM.max, Math.max(RADIUS_MM.min, wanted_mm));
    this.show();
  }

  toggleSphere(): void {
    this.settings.sphere = !this.settings.sphere;
    this.show();
  }

  showHistory(): void {
    this.undo.disabled = !this.reading.canUndo;
    this.redo.disabled = !this.reading.canRedo;
  }

  show(): void {
    for (const button of this.buttons)
      button.setAttribute('aria-pressed', String(button.dataset.tool === this.settings.tool));
    this.options.replaceChildren(...this.optionsOf(this.settings.tool));
    this.showHistory();
  }

  private historyButton(picture: string, title: string, act: () => void): HTMLButtonElement {
    return el(
      'button',
      { type: 'button', class: 'viewer-icon-button', title, 'aria-label': title, onclick: act },
      icon(picture),
    );
  }

  private optionsOf(tool: ToolName): HTMLElement[] {
    if (tool === 'brush' || tool === 'eraser') return [this.radius(), this.shape()];
    if (tool === 'threshold') return [this.radius(), this.shape(), this.brushThreshold()];
    return tool === 'isocontour' ? this.contour() : [];
  }

  private radius(): HTMLElement {
    const value = el(
      'span',
      { class: 'viewer-value', id: 'brush-radius' },
      `${formatNumber(this.settings.radius_mm, 0)} mm`,
    );
    const slider = el('input', {
      type: 'range',
      ...RADIUS_MM,
      value: this.settings.radius_mm,
      'aria-label': 'Radius in mm',
      oninput: (event: Event) => {
        this.settings.radius_mm = Number((event.target as HTMLInputElement).value);
        value.textContent = `${formatNumber(this.settings.radius_mm, 0)} mm`;
      },
    });
    return el('label', { class: 'viewer-field' }, el('span', { class: 'viewer-label' }, 'Radius'), slider, value);
  }

  private shape(): HTMLElement {
    const button = (title: string, sphere: boolean) =>
      el(
        'button',
        {
          type: 'button',
          'aria-pressed': String(this.settings.sphere === sphere),
          title: `${title} (S)`,
          onclick: () => {
            if (this.settings.sphere !== sphere) this.toggleSphere();
          },
        },
        title,
      );
    return el(
      'div',
      { class: 'viewer-segmented', role: 'group', 'aria-label': 'Shape' },
      button('Disc', false),
      button('Sphere', true),
    );
  }

  private brushThreshold(): HTMLElement {
    return numberField('At least', this.settings.brush_threshold_suv_bw, 'SUVbw', 0.1, (value) => {
      this.settings.brush_threshold_suv_bw = value;
    });
  }

  private contour(): HTMLElement[] {
    const { contour } = this.settings;
    const kind = (title: string, pressed: boolean, set: () => void) =>
      el(
        'button',
        {
          type: 'button',
          'aria-pressed': String(pressed),
          onclick: () => {
            set();
            this.show();
          },
        },
        title,
      );
    const group = el(
      'div',
      { class: 'viewer-segmented', role: 'group', 'aria-label': 'Threshold' },
      kind('% of SUVmax', contour.kind === 'fraction', () => {
        this.settings.contour = { kind: 'fraction', fraction: 0.41 };
      }),
      kind('Fixed SUV', contour.kind === 'fixed', () => {
        this.settings.contour = { kind: 'fixed', suv_bw: 2.5 };
      }),
    );
    const value =
      contour.kind === 'fraction'
        ? numberField('Threshold', contour.fraction * 100, '% of SUVmax', 1, (percent) => {
            this.settings.contour = { kind: 'fraction', fraction: percent / 100 };
          })
        : numberField('Threshold', contour.suv_bw, 'SUVbw', 0.1, (suv_bw) => {
            this.settings.contour = { kind: 'fixed', suv_bw };
          });
    return [group, value];
  }
}

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
