// A PET that lies off its CT is moved by hand: a rigid offset in mm, shown at once, kept with a reason.
import { postJson } from '../api/client';
import { el } from '../lib/dom';
import type { Vec3 } from '../lib/lps';
import type { Manifest } from './manifest';

const STEP_MM = 1;
const AXES = ['Left', 'Posterior', 'Head'] as const;

export class PetOffset {
  readonly element: HTMLElement;
  private readonly inputs: HTMLInputElement[];
  private readonly reason = el('input', {
    class: 'form-control',
    placeholder: 'Reason, e.g. patient moved between CT and PET',
    maxlength: 300,
    'aria-label': 'Reason',
  });

  constructor(
    private readonly manifest: Manifest,
    private readonly move: (offset_lps_mm: Vec3) => void,
    private readonly say: (message: string) => void,
  ) {
    this.inputs = AXES.map((axis, i) =>
      el('input', {
        type: 'number',
        step: STEP_MM,
        value: manifest.offset_lps_mm[i],
        'aria-label': `${axis} in mm`,
        oninput: () => this.moved(),
      }),
    );
    const save = el('button', { type: 'button', class: 'btn btn-sm', onclick: () => void this.save() }, 'Keep offset');
    const rows = AXES.map((axis, i) =>
      el(
        'label',
        { class: 'viewer-field' },
        el('span', { class: 'viewer-label' }, axis),
        this.inputs[i],
        el('span', { class: 'unit' }, 'mm'),
      ),
    );
    this.element = el(
      'div',
      { class: 'viewer-offset' },
      el('p', { class: 'viewer-hint' }, 'Shift + arrow keys and Page Up/Down move the PET by 1 mm.'),
      ...rows,
      this.reason,
      save,
    );
  }

  nudge(axis: 0 | 1 | 2, steps: number): void {
    this.inputs[axis].value = String(this.offset[axis] + steps * STEP_MM);
    this.moved();
  }

  private get offset(): Vec3 {
    const [x, y, z] = this.inputs.map(({ value }) => Number(value) || 0);
    return [x, y, z];
  }

  private moved(): void {
    this.move(this.offset);
  }

  private async save(): Promise<void> {
    const reason = this.reason.value.trim();
    if (reason === '') {
      this.reason.focus();
      return this.say('Give the reason for moving the PET.');
    }
    try {
      await postJson(this.manifest.urls.offset, { offset_lps_mm: this.offset, reason }, this.manifest.csrf_token);
      this.say('The PET offset is kept with this case.');
    } catch (error) {
      this.say((error as Error).message);
    }
  }
}
