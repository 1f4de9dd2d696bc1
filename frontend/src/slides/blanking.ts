// Before a photograph is sent: rectangles over what must not be kept (a slide's label), and the part to keep.
import { request } from '../api/client';
import { el, svg } from '../lib/dom';

type Area = [number, number, number, number];

export class Blanking {
  private readonly picture = el('img', { alt: 'The photograph, before it is sent' });
  private readonly layer = svg('svg', { viewBox: '0 0 1 1', preserveAspectRatio: 'none' });
  private readonly stage = el('div', { class: 'blanking' }, this.picture);
  private readonly crops = el('input', { type: 'checkbox', class: 'form-check-input' });
  private readonly panel: HTMLElement;
  private blanks: Area[] = [];
  private crop: Area | null = null;
  private from: [number, number] | null = null;

  constructor(private readonly form: HTMLFormElement) {
    this.stage.append(this.layer);
    const undo = el('button', { type: 'button', class: 'btn', onclick: () => this.set([], null) }, 'Start again');
    const crop = el('label', { class: 'form-check m-0' }, this.crops, ' Draw the part to keep instead');
    const hint = 'Drag over the slide’s label and any writing: it is blanked before the photograph is stored.';
    this.panel = el('div', { class: 'w-100', hidden: true }, el('p', { class: 'mb-2' }, hint), this.stage);
    this.panel.append(el('div', { class: 'btn-list mt-2 align-items-center' }, undo, crop));
    const input = form.querySelector<HTMLInputElement>('input[type=file]');
    form.append(this.panel);
    input?.addEventListener('change', () => void this.preview(input.files?.[0]));
    this.stage.addEventListener('pointerdown', (event) => this.press(event));
    this.stage.addEventListener('pointermove', (event) => this.from && this.draw(this.area(event)));
    this.stage.addEventListener('pointerup', (event) => this.release(event));
  }

  private async preview(file: File | undefined): Promise<void> {
    this.set([], null);
    this.panel.hidden = !file;
    if (!file) return;
    // A browser shows no TIFF: the server answers a small picture of it and keeps nothing.
    this.picture.src = URL.createObjectURL(/tiff/.test(file.type) ? await this.small(file) : file);
  }

  private async small(file: File): Promise<Blob> {
    const body = new FormData();
    body.append('file', file);
    const answer = await request(
      this.form.dataset.previewUrl as string,
      { method: 'POST', body },
      this.field('csrfmiddlewaretoken').value,
    );
    return answer.blob();
  }

  private press(event: PointerEvent): void {
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    this.from = this.place(event);
  }

  private place({ clientX, clientY }: PointerEvent): [number, number] {
    const { left, top, width, height } = this.picture.getBoundingClientRect();
    const share = (value: number) => Math.min(1, Math.max(0, value));
    return [share((clientX - left) / width), share((clientY - top) / height)];
  }

  private area(event: PointerEvent): Area {
    const [[x0, y0], [x1, y1]] = [this.from as [number, number], this.place(event)];
    return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
  }

  private release(event: PointerEvent): void {
    if (!this.from) return;
    const area = this.area(event);
    this.from = null;
    if (area[2] - area[0] < 0.005 || area[3] - area[1] < 0.005) return this.draw();
    if (this.crops.checked) this.set(this.blanks, area);
    else this.set([...this.blanks, area], this.crop);
  }

  private set(blanks: Area[], crop: Area | null): void {
    this.blanks = blanks;
    this.crop = crop;
    this.field('blanks').value = JSON.stringify(blanks);
    this.field('crop').value = crop ? JSON.stringify(crop) : '';
    this.draw();
  }

  private field(name: string): HTMLInputElement {
    return this.form.elements.namedItem(name) as HTMLInputElement;
  }

  private draw(pending?: Area): void {
    const rectangle = ([x0, y0, x1, y1]: Area, look: string) =>
      svg('rect', { x: x0, y: y0, width: x1 - x0, height: y1 - y0, class: look });
    this.layer.replaceChildren(...this.blanks.map((area) => rectangle(area, 'is-blank')));
    if (this.crop) this.layer.append(rectangle(this.crop, 'is-crop'));
    if (pending) this.layer.append(rectangle(pending, this.crops.checked ? 'is-crop' : 'is-blank'));
  }
}
