// The viewer's parts around one workplace, and what each tells the others when something changes.
import { showKeySheet } from '../app/keysheet';
import { el } from '../lib/dom';
import { indexToLps, type Vec3 } from '../lib/lps';
import { Compared } from './compared';
import { Hand } from './hand';
import { showContours } from './labels_display';
import { Layers } from './layers';
import type { Contours, LayoutName } from './layout';
import { LesionEdits } from './lesion_edits';
import { LesionList } from './lesions';
import { MipTurning, turnMip } from './mip';
import { MipControls } from './mip_controls';
import { Overlay } from './overlay';
import { Messages } from './panels';
import { PetOffset } from './pet_offset';
import { listenToPointer, type Pointing, usePanAndZoom } from './pointing';
import type { ReadingChange } from './reading';
import { Readout, sampleAt } from './readout';
import { type Pane, Scene } from './scene';
import type { ViewerSettings } from './settings';
import { SketchOverlay } from './sketch_overlay';
import { Sketches } from './sketches';
import type { LesionTally } from './statistics';
import { Toolbar } from './toolbar';
import { Toolbox } from './toolbox';
import { initialTools, type ToolSettings } from './tools';
import { PREVIEW_IDS, type Workplace } from './workplace';

const STATISTICS_EVERY_MS = 100;

export class Screen {
  readonly messages = new Messages();
  readonly settings: ToolSettings;
  readonly sketches = new Sketches();
  readonly stage = el('div', { class: 'viewer-stage' });
  readonly scene: Scene;
  readonly toolbar: Toolbar;
  readonly toolbox: Toolbox;
  readonly lesions: LesionList;
  readonly readout: Readout;
  readonly offset: PetOffset | null;
  readonly mip: MipTurning;
  readonly compared: Compared;
  readonly layers: Layers;
  private readonly mip_controls: MipControls;
  private contours_shown = true;
  readonly hand: Hand;
  readonly edits: LesionEdits;
  readonly tally: LesionTally;
  private overlays: Overlay[] = [];
  private sketch_overlays: SketchOverlay[] = [];
  private pane_in_use = 0;
  private statistics_timer = 0;

  constructor(
    readonly workplace: Workplace,
    initial: ViewerSettings,
    private readonly changed: () => void,
  ) {
    const { manifest, reading } = workplace;
    const { task } = manifest;
    this.settings = initialTools(initial.tool);
    this.scene = new Scene(
      this.stage,
      PREVIEW_IDS,
      workplace.ct_geometry,
      () => workplace.pet_geometry,
      initial.appearance,
      workplace.first_view_lps_mm,
    );
    this.compared = new Compared(workplace, (message) => this.messages.say(message));
    this.layers = new Layers(
      workplace,
      () => this.scene.render(),
      (message) => this.messages.say(message),
    );
    this.mip = new MipTurning(this.scene, initial.mip.degrees_per_s, () => this.showMipState());
    this.mip_controls = new MipControls(this.mip);
    this.toolbar = new Toolbar({
      layout: (name) => void this.showLayout(name),
      restyle: (changes) => this.restyle(changes),
      keys: showKeySheet,
    });
    this.toolbox = new Toolbox(this.settings, reading, task.may_draw);
    this.tally = workplace.tally();
    this.hand = new Hand({
      reading,
      settings: this.settings,
      suv_bw: workplace.suv_bw,
      sketches: this.sketches,
      body: manifest.body,
      may_draw: task.may_draw,
      petGeometry: () => workplace.pet_geometry,
      settingsChanged: () => this.toolbox.show(),
    });
    this.edits = new LesionEdits(
      reading,
      this.settings,
      () => workplace.pet_geometry,
      () => ({ place_lps_mm: this.scene.cursor_lps_mm, normal: this.scene.normalOf(this.paneInUse()) }),
    );
    this.sketches.onChange(() => {
      for (const overlay of this.sketch_overlays) overlay.update();
    });
    this.lesions = new LesionList(reading, task, (label) => this.goTo(label));
    this.readout = new Readout(
      (place) =>
        sampleAt(
          place,
          { geometry: workplace.ct_geometry, hu: workplace.hu },
          { geometry: workplace.pet_geometry, suv_bw: workplace.suv_bw },
        ),
      manifest.volumes.pet.passport?.warnings ?? [],
    );
    this.offset = task.may_draw
      ? new PetOffset(
          manifest,
          (offset) => this.movePet(offset),
          (message) => this.messages.say(message),
        )
      : null;
    this.stage.addEventListener('petra:cursor', () => {
      this.updateOverlays();
      this.readout.show(this.scene.cursor_lps_mm);
    });
    reading.onChange((change) => this.showChange(change));
  }

  restyle(changes: Parameters<Scene['restyle']>[0]): void {
    this.scene.restyle(changes);
    this.showAppearance();
    this.updateOverlays();
    this.changed();
  }

  /** The layout that the page asks for by what it is about; null where the person's own is shown. */
  get opening_layout(): LayoutName | null {
    const { task } = this.workplace.manifest;
    return task.purpose === 'comparison' && this.compared.chooser ? 'compare' : null;
  }

  /** As the server is to remember it. */
  get viewerSettings(): ViewerSettings {
    const { radius_mm, sphere, brush_threshold_suv_bw, contour, tolerance, bound_mm, margin_mm, island_ml } =
      this.settings;
    return {
      layout: this.scene.layout,
      appearance: this.scene.appearance,
      tool: { radius_mm, sphere, brush_threshold_suv_bw, contour, tolerance, bound_mm, margin_mm, island_ml },
      mip: { degrees_per_s: this.mip.degrees_per_s, is_turning: this.mip.isTurning },
    };
  }

  async showLayout(name: LayoutName): Promise<void> {
    this.overlays = [];
    await this.scene.show(name);
    const { panes } = this.scene;
    usePanAndZoom(panes);
    this.overlays = panes.map((pane) => new Overlay(pane, this.scene, this.contoursTitle(pane)));
    const flat = panes.filter(({ description }) => description.content !== 'mip');
    this.sketch_overlays = flat.map((pane) => new SketchOverlay(pane, this.scene, this.sketches));
    panes.forEach((pane, i) => {
      listenToPointer(pane, this.overlays[i], this.pointing);
      pane.element.addEventListener('pointerenter', () => this.choosePane(i));
      if (pane.description.content === 'mip') pane.element.append(this.mip_controls.element);
      pane.element.addEventListener('dblclick', () => {
        if (this.settings.tool === 'navigate') this.maximise();
        if (this.settings.tool === 'spline') this.say(this.hand.finish());
      });
    });
    this.choosePane(
      Math.max(
        0,
        panes.findIndex(({ description }) => description.content !== 'mip'),
      ),
    );
    const { labels, reading } = this.workplace;
    await labels.showIn(
      this.panesWith('own'),
      reading.lesions.map(({ label }) => label),
    );
    await this.compared.showIn(this.panesWith('other'));
    await this.layers.showIn(this.panesWith('own'));
    this.showAppearance();
    this.updateOverlays();
    this.scene.render();
    this.changed();
  }

  /** Shows the same layout again on new graphics, looking from where it did; the reading is untouched by it. */
  async rebuild(): Promise<void> {
    const cameras = this.scene.cameras();
    this.scene.renewEngine();
    await this.showLayout(this.scene.layout);
    this.scene.putCamerasBack(cameras);
  }

  private panesWith(contours: Contours): Pane[] {
    return this.scene.panes.filter(({ description }) => description.contours === contours);
  }

  private contoursTitle({ description: { contours } }: Pane): string {
    if (contours === 'other') return this.compared.title;
    return this.scene.layout === 'compare' ? (this.workplace.manifest.task.shown_title ?? 'this reading') : '';
  }

  private choosePane(index: number): void {
    this.pane_in_use = index;
    this.scene.panes.forEach(({ element }, i) => {
      element.classList.toggle('is-in-use', i === index);
    });
  }

  /** Goes on to another pane of the layout, for the keys that act on one. */
  usePane(steps: number): void {
    const { length } = this.scene.panes;
    this.choosePane((this.pane_in_use + steps + length) % length);
    if (this.stage.classList.contains('has-maximised')) this.scene.maximise(this.paneInUse());
  }

  toggleContours(): void {
    this.contours_shown = !this.contours_shown;
    showContours(this.contours_shown);
    this.layers.showContours(this.contours_shown);
    this.scene.render();
    this.messages.say(this.contours_shown ? 'Contours are shown.' : 'Contours are hidden: O shows them again.');
  }

  turnMip(degrees: number): void {
    for (const pane of this.scene.panes) if (pane.description.content === 'mip') turnMip(this.scene, pane, degrees);
  }

  private showMipState(): void {
    this.mip_controls.show();
    this.changed();
  }

  private showAppearance(): void {
    this.toolbar.show(this.scene.layout, this.scene.appearance);
    this.stage.classList.toggle('without-crosshair', !this.scene.appearance.crosshair_shown);
  }

  /** Shows the pane last used alone, or all again. */
  maximise(): void {
    this.scene.toggleMaximised(this.paneInUse());
    this.updateOverlays();
  }

  paneInUse(): Pane {
    return this.scene.panes[this.pane_in_use] ?? this.scene.panes[0];
  }

  showStatistics(): void {
    this.lesions.show(this.tally.all());
    this.toolbox.showHistory();
  }

  /** Counts anew after voxels arrived or the PET was moved over the CT. */
  measureAnew(): void {
    this.tally.rebuild();
    this.showStatistics();
  }

  say(message: string): void {
    if (message) this.messages.say(message);
  }

  /** The chosen tool, once, at the crosshair. */
  applyAtCrosshair(): void {
    const pane = this.paneInUse();
    if (pane.description.content !== 'mip')
      this.say(this.hand.apply(this.scene.cursor_lps_mm, this.scene.normalOf(pane)));
  }

  private get pointing(): Pointing {
    const { workplace, scene, settings } = this;
    return {
      scene,
      settings,
      hand: this.hand,
      suv_bw: workplace.suv_bw,
      mayDraw: workplace.manifest.task.may_draw,
      overlays: () => this.overlays,
      petGeometry: () => workplace.pet_geometry,
      restyle: (changes) => this.restyle(changes),
      hover: (place) => this.readout.show(place ?? scene.cursor_lps_mm),
      say: (message) => this.messages.say(message),
    };
  }

  private updateOverlays(): void {
    for (const overlay of this.overlays) overlay.update();
  }

  private showChange({ slices, finished }: ReadingChange): void {
    const { labels, reading } = this.workplace;
    if (finished)
      for (const { description } of this.panesWith('own'))
        labels.paintLabels(
          description.id,
          reading.lesions.map(({ label }) => label),
        );
    if (slices !== 'none' && (slices === 'all' || slices.size > 0)) labels.update(slices);
    if (finished || slices === 'none') this.showStatistics();
    else
      this.statistics_timer ||= window.setTimeout(() => {
        this.statistics_timer = 0;
        this.lesions.showMeasures(this.tally.all());
      }, STATISTICS_EVERY_MS);
  }

  private movePet(offset_lps_mm: Vec3): void {
    this.workplace.placePet(offset_lps_mm);
    this.compared.place(offset_lps_mm);
    this.measureAnew();
    this.layers.place(offset_lps_mm);
    this.scene.render();
  }

  /** Puts the crosshair on the hottest voxel of a lesion. */
  private goTo(label: number): void {
    const { reading, suv_bw, pet_geometry } = this.workplace;
    const offsets = [...reading.labelmap.offsetsOf(label)];
    if (offsets.length === 0) return this.messages.say('Nothing is drawn in this lesion yet.');
    const hottest = offsets.reduce((best, offset) => (suv_bw[offset] > suv_bw[best] ? offset : best));
    const [nx, ny] = pet_geometry.size_xyz;
    this.scene.moveTo(
      indexToLps(pet_geometry, [hottest % nx, Math.floor(hottest / nx) % ny, Math.floor(hottest / (nx * ny))]),
    );
  }
}
