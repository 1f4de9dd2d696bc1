// Without graphics: CT and PET slice by slice, drawn by the processor. To look only; nothing can be drawn here.
import { Enums, RenderingEngine, setUseCPURendering, type Types } from '@cornerstonejs/core';
import { el } from '../lib/dom';
import { axisOf, dot, type Geometry, indexToLps, lpsToIndex, subtract, type Vec3 } from '../lib/lps';
import { markOnce } from '../lib/moments';
import { CT_WINDOWS, initialAppearance, suvUpper } from './appearance';
import { LookLabels } from './look_labels';
import { caseHeader, section } from './panels';
import { Readout, sampleAt } from './readout';
import { exposeLookForTests } from './testing';
import { VOLUME_IDS, type Workplace } from './workplace';

const ADVICE =
  'You can look at the slices here, but not draw. Switch on hardware acceleration in the browser, or open the case in a ' +
  'current Chrome, Edge or Firefox. What was drawn before is kept.';

interface Stack {
  readonly content: 'ct' | 'pet';
  readonly geometry: Geometry;
  readonly element: HTMLDivElement;
  readonly viewport: Types.IStackViewport;
  readonly caption: HTMLElement;
  readonly labels: LookLabels;
}

/** Replaces whatever the page shows; `why` is the sentence in front of the advice. */
export async function openLook(root: HTMLElement, workplace: Workplace, why: string): Promise<void> {
  setUseCPURendering(true);
  const look = new Look(workplace);
  const notice = el('div', { class: 'viewer-look-notice', role: 'alert' }, el('strong', {}, why), ' ', ADVICE);
  const side = el(
    'aside',
    { class: 'viewer-side', 'aria-label': 'Case' },
    caseHeader(workplace.manifest),
    section('Keys', el('p', { class: 'viewer-hint' }, '↑ ↓ or the wheel: slices. Q W E: CT windows. + −: upper SUV.')),
  );
  const footer = el('footer', { class: 'viewer-footer' }, look.readout.element, look.loading);
  root.replaceChildren(el('div', { class: 'viewer-frame' }, notice, look.stage, side, footer));
  await look.show();
}

class Look {
  readonly stage = el('div', { class: 'viewer-stage layout-look' });
  readonly loading = el('span', { class: 'viewer-loading', role: 'status' });
  readonly readout: Readout;
  private readonly appearance;
  private stacks: Stack[] = [];
  private place_lps_mm: Vec3;

  constructor(private readonly workplace: Workplace) {
    const { manifest } = workplace;
    this.appearance = initialAppearance(manifest.task.kind);
    this.place_lps_mm = workplace.first_view_lps_mm;
    const [ct, pet] = [
      { geometry: workplace.ct_geometry, hu: workplace.hu },
      { geometry: workplace.pet_geometry, suv_bw: workplace.suv_bw },
    ];
    this.readout = new Readout((place) => sampleAt(place, ct, pet), manifest.volumes.pet.passport?.warnings ?? []);
  }

  async show(): Promise<void> {
    this.workplace.fillFromPreviews();
    const engine = new RenderingEngine('petra-look');
    this.stacks = [
      this.stack(engine, 'ct', this.workplace.ct_geometry),
      this.stack(engine, 'pet', this.workplace.pet_geometry),
    ];
    await Promise.all(this.stacks.map((stack) => this.fill(stack)));
    new ResizeObserver(() => engine.resize(true, true)).observe(this.stage);
    document.addEventListener('keydown', (event) => this.key(event));
    this.moveTo(this.place_lps_mm);
    markOnce('petra:first-image');
    const exposed = exposeLookForTests();
    await this.load();
    exposed.state = 'loaded';
  }

  private stack(engine: RenderingEngine, content: 'ct' | 'pet', geometry: Geometry): Stack {
    const caption = el('span', { class: 'viewer-slice' });
    const element = el('div', { class: `viewer-pane pane-look-${content}`, 'data-pane': `look-${content}` });
    this.stage.append(element);
    const viewportId = `look-${content}`;
    engine.enableElement({ viewportId, type: Enums.ViewportType.STACK, element });
    const viewport = engine.getViewport(viewportId) as Types.IStackViewport;
    const { labelmap } = this.workplace.reading;
    const labels = new LookLabels(labelmap.voxels, this.workplace.pet_geometry);
    element.append(labels.canvas, el('span', { class: 'viewer-title' }, `${content.toUpperCase()} axial`), caption);
    element.addEventListener('wheel', (event) => this.wheel(event, geometry), { passive: false });
    element.addEventListener('pointermove', (event) => this.hover(viewport, element, event));
    return { content, geometry, element, viewport, caption, labels };
  }

  private async fill({ content, geometry, viewport }: Stack): Promise<void> {
    const imageIds = Array.from({ length: geometry.size_xyz[2] }, (_, k) => `local:${VOLUME_IDS[content]}/${k}`);
    await viewport.setStack(imageIds, this.sliceOf(geometry));
    this.restyle();
  }

  private restyle(): void {
    const { level_hu, width_hu } = this.appearance.ct_window;
    const ct = { lower: level_hu - width_hu / 2, upper: level_hu + width_hu / 2 };
    const pet = { lower: 0, upper: this.appearance.suv_bw_upper };
    for (const { content, viewport } of this.stacks)
      viewport.setProperties(content === 'ct' ? { voiRange: ct } : { voiRange: pet, invert: true });
    this.redraw();
  }

  private sliceOf(geometry: Geometry): number {
    const slice = Math.round(lpsToIndex(geometry, this.place_lps_mm)[2]);
    return Math.min(geometry.size_xyz[2] - 1, Math.max(0, slice));
  }

  private moveTo(place_lps_mm: Vec3): void {
    this.place_lps_mm = place_lps_mm;
    for (const stack of this.stacks) {
      const slice = this.sliceOf(stack.geometry);
      void stack.viewport.setImageIdIndex(slice).then(() => this.redraw());
      stack.caption.textContent = `${slice + 1} / ${stack.geometry.size_xyz[2]}`;
    }
    this.readout.show(place_lps_mm);
  }

  private step(geometry: Geometry, slices: number): void {
    const along = axisOf(geometry, 2);
    const middle = indexToLps(geometry, [0, 0, this.clamped(geometry, this.sliceOf(geometry) + slices)]);
    const shift_mm = dot(along, subtract(middle, this.place_lps_mm));
    const [x, y, z] = this.place_lps_mm;
    this.moveTo([x + along[0] * shift_mm, y + along[1] * shift_mm, z + along[2] * shift_mm]);
  }

  private clamped({ size_xyz }: Geometry, slice: number): number {
    return Math.min(size_xyz[2] - 1, Math.max(0, slice));
  }

  private wheel(event: WheelEvent, geometry: Geometry): void {
    event.preventDefault();
    this.step(geometry, Math.sign(event.deltaY));
  }

  private hover(viewport: Types.IStackViewport, element: HTMLElement, event: PointerEvent): void {
    const { left, top } = element.getBoundingClientRect();
    const place = viewport.canvasToWorld([event.clientX - left, event.clientY - top]);
    this.readout.show(place as unknown as Vec3);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { ct_geometry } = this.workplace;
    const preset = CT_WINDOWS.find(({ key }) => key === event.key.toLowerCase());
    const slices = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    const suv = { '+': 0.5, '=': 0.5, '-': -0.5 }[event.key];
    if (slices) this.step(ct_geometry, slices);
    else if (preset) this.appearance.ct_window = preset;
    else if (suv) this.appearance.suv_bw_upper = suvUpper(this.appearance.suv_bw_upper + suv);
    else return;
    event.preventDefault();
    this.restyle();
  }

  private redraw(): void {
    for (const { viewport, labels, content } of this.stacks) {
      viewport.render();
      labels.draw(viewport, content === 'pet' ? this.sliceOf(this.workplace.pet_geometry) : null);
    }
  }

  private async load(): Promise<void> {
    await this.workplace.load(
      () => this.place_lps_mm,
      () => this.restyle(),
      (share) => {
        this.loading.textContent = share < 1 ? `${Math.floor(share * 100)} % of the voxels are here` : '';
      },
    );
  }
}
