// The tool buttons and the settings of the chosen tool.
import { el } from '../lib/dom';
import { formatNumber } from '../lib/units';
import { contourOptions } from './contour_options';
import { type Choice, choiceField, numberField } from './fields';
import { icon } from './icons';
import type { Reading } from './reading';
import { RADIUS_MM, shownKey, TOOLS, type ToolName, type ToolSettings } from './tools';

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
          title: `${help} (${shownKey(key)})`,
          onclick: () => this.choose(name),
        },
        icon(picture),
        el('span', {}, title),
      ),
    );
    const history = may_draw ? el('div', { class: 'viewer-history' }, this.undo, this.redo) : null;
    this.element = el(
      'div',
      { class: 'viewer-toolbox' },
      el('div', { class: 'viewer-tools' }, ...this.buttons),
      this.options,
      history,
    );
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

  /** The other way of the eraser, or of a contour. */
  toggleMode(): void {
    if (this.settings.tool === 'eraser') this.settings.erase_every = !this.settings.erase_every;
    else this.settings.take_away = !this.settings.take_away;
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
    const { settings } = this;
    const show = () => this.show();
    if (tool === 'brush') return [this.radius(), this.shape()];
    if (tool === 'eraser') return [this.radius(), this.shape(), this.erased()];
    if (tool === 'threshold') return [this.radius(), this.shape(), this.brushThreshold()];
    if (tool === 'isocontour') return [...contourOptions(settings, show), this.radius('By Space')];
    if (tool === 'freehand' || tool === 'spline') return [this.contourMode()];
    if (tool === 'region') return this.region();
    return tool === 'liver' ? [el('p', { class: 'viewer-hint' }, LIVER_HINT)] : [];
  }

  private radius(label = 'Radius'): HTMLElement {
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
    return el('label', { class: 'viewer-field' }, el('span', { class: 'viewer-label' }, label), slider, value);
  }

  private shape(): HTMLElement {
    const choice = (title: string, sphere: boolean): Choice => ({
      title,
      help: `${title} (S)`,
      pressed: this.settings.sphere === sphere,
      choose: () => {
        if (this.settings.sphere !== sphere) this.toggleSphere();
      },
    });
    return choiceField('Shape', [choice('Disc', false), choice('Sphere', true)]);
  }

  private brushThreshold(): HTMLElement {
    return numberField('At least', this.settings.brush_threshold_suv_bw, 'SUVbw', 0.1, (value) => {
      this.settings.brush_threshold_suv_bw = value;
    });
  }

  private erased(): HTMLElement {
    const choice = (title: string, erase_every: boolean) => this.choice(title, 'erase_every', erase_every);
    return choiceField('Erase from', [choice('Active lesion', false), choice('Every lesion', true)]);
  }

  private contourMode(): HTMLElement {
    const choice = (title: string, take_away: boolean) => this.choice(title, 'take_away', take_away);
    return choiceField('What is surrounded', [choice('Add', false), choice('Take away', true)]);
  }

  private choice(title: string, setting: 'erase_every' | 'take_away', value: boolean): Choice {
    return {
      title,
      help: `${title} (Shift X)`,
      pressed: this.settings[setting] === value,
      choose: () => {
        this.settings[setting] = value;
        this.show();
      },
    };
  }

  private region(): HTMLElement[] {
    const { settings } = this;
    return [
      numberField('Tolerance', settings.tolerance * 100, '% of the SUV', 5, (percent) => {
        settings.tolerance = percent / 100;
      }),
      numberField('Within', settings.bound_mm, 'mm', 5, (mm) => {
        settings.bound_mm = mm;
      }),
    ];
  }
}

const LIVER_HINT =
  'Click the right lobe, away from vessels and lesions: a sphere of 3 cm gives the PERCIST threshold of the isocontour.';
