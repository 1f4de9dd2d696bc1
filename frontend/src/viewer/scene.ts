// The panes on the screen: Cornerstone viewports over the two volumes, moved together by one cursor in patient space.
import { cache, Enums, type ImageVolume, init as initCore, RenderingEngine, type Types } from '@cornerstonejs/core';
import { init as initTools } from '@cornerstonejs/tools';
import { el } from '../lib/dom';
import { add, axisAlong, axisOf, dot, type Geometry, lpsToIndex, scale, subtract, type Vec3 } from '../lib/lps';
import { markOnce } from '../lib/moments';
import type { Appearance } from './appearance';
import { exchangeIn } from './exchange';
import { LAYOUTS, type LayoutName, type PaneDescription } from './layout';
import { applyAppearance, registerColourMaps, volumesOf } from './volume_appearance';
import { releaseTextures } from './volumes';

export interface Pane {
  readonly description: PaneDescription;
  readonly element: HTMLDivElement;
  readonly viewport: Types.IVolumeViewport;
}

export interface VolumeIds {
  readonly ct: string;
  readonly pet: string;
}

const ENGINE_ID = 'petra';
const ARRIVALS_EVERY_MS = 300;
const FIRST_PANE_PATIENCE_MS = 1500;

const ORIENTATIONS = {
  axial: Enums.OrientationAxis.AXIAL,
  coronal: Enums.OrientationAxis.CORONAL,
  sagittal: Enums.OrientationAxis.SAGITTAL,
};

export async function startCornerstone(): Promise<void> {
  // Every pane is a volume's, and Cornerstone draws those in one context; it would make seven.
  await initCore({ rendering: { webGlContextCount: 1 }, debug: {} });
  initTools();
  registerColourMaps();
}

export class Scene {
  panes: Pane[] = [];
  layout: LayoutName = 'fusion';
  private engine = new RenderingEngine(ENGINE_ID);
  private readonly waiting = new Set<string>();
  private frame = 0;
  private arrival_timer = 0;
  /** While it is set nothing is drawn. */
  graphics_lost = false;
  /** How long the last drawing of panes took. */
  render_ms = 0;

  constructor(
    private readonly stage: HTMLElement,
    private ids: VolumeIds,
    readonly ct_geometry: Geometry,
    private readonly pet_geometry: () => Geometry,
    readonly appearance: Appearance,
    public cursor_lps_mm: Vec3,
  ) {
    new ResizeObserver(() => this.engine.resize(true, true)).observe(stage);
  }

  /**
   * Builds the panes of a layout; the caller then adds overlays, tools and labels to them. The axial fused pane (or the
   * first) is on the screen before the others are filled: on a slow graphics card the MIP alone takes seconds.
   */
  async show(layout: LayoutName): Promise<void> {
    for (const { description } of this.panes) this.engine.disableElement(description.id);
    this.layout = layout;
    this.stage.className = `viewer-stage layout-${layout}`;
    this.stage.dataset.petColours = this.appearance.pet_colours;
    const elements = LAYOUTS[layout].panes.map(({ id, content }) =>
      el('div', { class: `viewer-pane pane-${content}`, id: `pane-${id}`, 'data-pane': id }),
    );
    this.stage.replaceChildren(...elements);
    this.panes = LAYOUTS[layout].panes.map((description, i) => this.enable(description, elements[i]));
    const first = this.panes.find(({ description }) => description.id === 'fusion-axial') ?? this.panes[0];
    await this.fill(first);
    await this.drawn(first);
    markOnce('petra:first-image');
    await Promise.all(this.panes.filter((pane) => pane !== first).map((pane) => this.fill(pane)));
    this.moveTo(this.cursor_lps_mm);
  }

  private enable(description: PaneDescription, element: HTMLDivElement): Pane {
    this.engine.enableElement({
      viewportId: description.id,
      type: Enums.ViewportType.ORTHOGRAPHIC,
      element,
      defaultOptions: { orientation: ORIENTATIONS[description.plane], background: [0, 0, 0] },
    });
    element.addEventListener('contextmenu', (event) => event.preventDefault());
    return { description, element, viewport: this.engine.getViewport(description.id) as Types.IVolumeViewport };
  }

  private async fill({ description, viewport }: Pane): Promise<void> {
    const { size_xyz, spacing_mm } = this.pet_geometry();
    const diagonal_mm = Math.hypot(...size_xyz.map((size, axis) => size * spacing_mm[axis]));
    await viewport.setVolumes(volumesOf(description.content, this.ids.ct, this.ids.pet, diagonal_mm));
    applyAppearance(viewport, description.content, this.ids.ct, this.ids.pet, this.appearance);
  }

  /** Draws one pane and waits until it can be seen; a page in the background, which draws nothing, is not waited for. */
  private drawn({ element, description }: Pane): Promise<void> {
    return new Promise((resolve) => {
      element.addEventListener(Enums.Events.IMAGE_RENDERED, () => requestAnimationFrame(() => resolve()), {
        once: true,
      });
      setTimeout(resolve, FIRST_PANE_PATIENCE_MS);
      this.engine.renderViewports([description.id]);
    });
  }

  /** After the graphics were lost: a new engine. The caller shows the layout again. */
  renewEngine(): void {
    releaseTextures(this.graphicsWindow);
    for (const { description } of this.panes) this.engine.disableElement(description.id);
    this.panes = [];
    this.engine.destroy();
    this.engine = new RenderingEngine(ENGINE_ID);
  }

  /** Where every pane looks from, to be put back into the panes of the same layout. */
  cameras(): Map<string, Types.ICamera> {
    return new Map(this.panes.map(({ description, viewport }) => [description.id, viewport.getCamera()]));
  }

  putCamerasBack(cameras: ReadonlyMap<string, Types.ICamera>): void {
    for (const { description, viewport } of this.panes) {
      const camera = cameras.get(description.id);
      if (camera) viewport.setCamera(camera);
    }
    this.moveTo(this.cursor_lps_mm);
    this.render();
  }

  /** Changes how images look and shows it. */
  restyle(changes: Partial<Appearance>): void {
    Object.assign(this.appearance, changes);
    this.stage.dataset.petColours = this.appearance.pet_colours;
    this.applyAppearance();
    this.render();
  }

  /** Shows other volumes of the same two images, in these panes and in all that follow. */
  exchange(ids: VolumeIds): void {
    const before = this.ids;
    this.ids = ids;
    for (const { viewport } of this.panes)
      for (const image of ['ct', 'pet'] as const)
        exchangeIn(viewport, before[image], cache.getVolume(ids[image]) as ImageVolume);
    this.applyAppearance();
    this.renderPlanes();
  }

  private applyAppearance(): void {
    for (const { description, viewport } of this.panes)
      applyAppearance(viewport, description.content, this.ids.ct, this.ids.pet, this.appearance);
  }

  /** The canvas behind all panes, whose graphics context may be lost. */
  get graphicsCanvas(): HTMLCanvasElement {
    return this.graphicsWindow.getCanvas();
  }

  get graphicsWindow() {
    return this.engine.getOffscreenMultiRenderWindow(this.panes[0].description.id).getOpenGLRenderWindow();
  }

  /** Draws panes (all when none is named) at the next frame, however often it is asked for. */
  render(ids: readonly string[] = this.panes.map(({ description }) => description.id)): void {
    for (const id of ids) this.waiting.add(id);
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (this.graphics_lost) return;
      const present = this.panes.map(({ description }) => description.id).filter((id) => this.waiting.has(id));
      this.waiting.clear();
      if (present.length === 0) return;
      const started_ms = performance.now();
      this.engine.renderViewports(present);
      // Cornerstone draws at the frame after this one; the one after that begins when the graphics card is done.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          this.render_ms = performance.now() - started_ms;
        }),
      );
    });
  }

  /** Draws all panes but the MIP, which takes as long as all others together. */
  renderPlanes(): void {
    this.render(
      this.panes.filter(({ description }) => description.content !== 'mip').map(({ description }) => description.id),
    );
  }

  /** Draws the planes after voxels arrived, seldom enough that a slow graphics card keeps up; the MIP waits for all. */
  renderArrived(): void {
    if (this.arrival_timer) return;
    this.arrival_timer = window.setTimeout(
      () => {
        this.arrival_timer = 0;
        this.renderPlanes();
      },
      Math.max(ARRIVALS_EVERY_MS, 4 * this.render_ms),
    );
  }

  /** Shows one pane alone, or all again. */
  toggleMaximised(pane: Pane): void {
    this.maximise(pane.element.classList.contains('is-maximised') ? null : pane);
  }

  /** Shows one pane alone; with null, all. */
  maximise(alone: Pane | null): void {
    for (const pane of this.panes) pane.element.classList.toggle('is-maximised', pane === alone);
    this.stage.classList.toggle('has-maximised', alone !== null);
    this.engine.resize(true, true);
    this.render();
  }

  /** Puts the cursor at a place and moves every plane through it. */
  moveTo(place_lps_mm: Vec3): void {
    this.cursor_lps_mm = place_lps_mm;
    for (const pane of this.panes) if (pane.description.content !== 'mip') this.bringThroughCursor(pane);
    this.stage.dispatchEvent(new CustomEvent('petra:cursor'));
  }

  private bringThroughCursor({ description, viewport }: Pane): void {
    const { focalPoint, position, viewPlaneNormal } = viewport.getCamera() as Required<Types.ICamera>;
    const normal = viewPlaneNormal as unknown as Vec3;
    const distance_mm = dot(normal, subtract(this.cursor_lps_mm, focalPoint as unknown as Vec3));
    if (Math.abs(distance_mm) < 1e-4) return;
    const shift = scale(normal, distance_mm);
    viewport.setCamera({
      focalPoint: [...add(focalPoint as unknown as Vec3, shift)] as Types.Point3,
      position: [...add(position as unknown as Vec3, shift)] as Types.Point3,
    });
    this.render([description.id]);
  }

  /** The grid whose slices a pane steps through. */
  gridOf({ description }: Pane): Geometry {
    return description.content === 'pet' || description.content === 'mip' ? this.pet_geometry() : this.ct_geometry;
  }

  normalOf({ viewport }: Pane): Vec3 {
    return viewport.getCamera().viewPlaneNormal as unknown as Vec3;
  }

  /** Slice number (from 1) and count of the pane's grid at the cursor; number is null beside the image. */
  sliceOf(pane: Pane): { number: number | null; count: number } {
    const grid = this.gridOf(pane);
    const axis = axisAlong(grid, this.normalOf(pane));
    const count = grid.size_xyz[axis];
    const number = Math.round(lpsToIndex(grid, this.cursor_lps_mm)[axis]) + 1;
    return { number: number >= 1 && number <= count ? number : null, count };
  }

  /** Moves the cursor by slices of the pane's grid, to the middle of the slice, within the image. */
  step(pane: Pane, slices: number): void {
    const grid = this.gridOf(pane);
    const axis = axisAlong(grid, this.normalOf(pane));
    const now = lpsToIndex(grid, this.cursor_lps_mm)[axis];
    const next = Math.min(grid.size_xyz[axis] - 1, Math.max(0, Math.round(now) + slices));
    this.moveTo(add(this.cursor_lps_mm, scale(axisOf(grid, axis), (next - now) * grid.spacing_mm[axis])));
  }

  worldAt({ viewport, element }: Pane, event: MouseEvent): Vec3 {
    const { left, top } = element.getBoundingClientRect();
    return viewport.canvasToWorld([event.clientX - left, event.clientY - top]) as unknown as Vec3;
  }

  pixelsPerMm({ viewport, element }: Pane): number {
    return element.clientHeight / (2 * (viewport.getCamera().parallelScale ?? 1));
  }
}
