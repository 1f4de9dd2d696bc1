// The viewer's parts around one workplace, and what each tells the others when something changes.
import { showKeySheet } from '../app/keysheet';
import { el } from '../lib/dom';
import { indexToLps, type Vec3 } from '../lib/lps';
import { initialAppearance } from './appearance';
import type { LayoutName } from './layout';
import { LesionList } from './lesions';
import { Overlay } from './overlay';
import { Messages } from './panels';
import { PetOffset } from './pet_offset';
import { listenToPointer, type Pointing, usePanAndZoom } from './pointing';
import type { ReadingChange } from './reading';
import { Readout, sampleAt } from './readout';
import { type Pane, Scene } from './scene';
import { lesionStatistics } from './statistics';
import { Toolbar } from './toolbar';
import { Toolbox } from './toolbox';
import type { ToolSettings } from './tools';
import { VOLUME_IDS, type Workplace } from './workplace';

const STATISTICS_AFTER_MS = 150;

export class Screen {
  readonly messages = new Messages();
  readonly settings: ToolSettings = {
    tool: 'navigate',
    radius_mm: 10,
    sphere: false,
    brush_threshold_suv_bw: 2.5,
    contour: { kind: 'fraction', fraction: 0.41 },
  };
  readonly stage = el('div', { class: 'viewer-stage' });
  readonly scene: Scene;
  readonly toolbar: Toolbar;
  readonly toolbox: Toolbox;
  readonly lesions: LesionList;
  readonly readout: Readout;
  readonly offset: PetOffset | null;
  private overlays: Overlay[] = [];
  private pane_in_use = 0;
  private statistics_timer = 0;

  constructor(readonly workplace: Workplace) {
    const { manifest, reading } = workplace;
    const { task } = manifest;
    const appearance = initialAppearance(task.kind);
    this.scene = new Scene(
      this.stage,
      VOLUME_IDS,
      workplace.ct_geometry,
      () => workplace.pet_geometry,
      appearance,
      workplace.first_view_lps_mm,
    );
    this.toolbar = new Toolbar({
      layout: (name) => void this.showLayout(name),
      restyle: (changes) => this.restyle(changes),
      keys: showKeySheet,
    });
    this.toolbox = new Toolbox(this.settings, reading, task.may_draw);
    this.lesions = new LesionList(reading, task, (label) => this.goTo(label));
    this.readout = new Readout((place) =>
      sampleAt(
        place,
        { geometry: workplace.ct_geometry, hu: workplace.hu },
        { geometry: workplace.pet_geometry, suv_bw: workplace.suv_bw },
      ),
    );
    this.offset = task.may_draw
      ? new PetOffset(
          manifest,
          (offset) => this.movePet(offset),
          (message) => this.messages.say(message),
        )
      : null;
    this.stage.addEventListener('petra:cursor', () => this.updateOverlays());
    reading.onChange((change) => this.showChange(change));
  }

  restyle(changes: Parameters<Scene['restyle']>[0]): void {
    this.scene.restyle(changes);
    this.toolbar.show(this.scene.layout, this.scene.appearance);
  }

  async showLayout(name: LayoutName): Promise<void> {
    this.overlays = [];
    await this.scene.show(name);
    const { panes } = this.scene;
    usePanAndZoom(panes);
    this.overlays = panes.map((pane) => new Overlay(pane, this.scene));
    panes.forEach((pane, i) => {
      listenToPointer(pane, this.overlays[i], this.pointing);
      pane.element.addEventListener('pointerenter', () => {
        this.pane_in_use = i;
      });
      pane.element.addEventListener('dblclick', () => {
        if (this.settings.tool === 'navigate') this.maximise();
      });
    });
    this.pane_in_use = 0;
    await this.workplace.labels.showIn(
      panes,
      this.workplace.reading.lesions.map(({ label }) => label),
    );
    this.toolbar.show(name, this.scene.appearance);
    this.updateOverlays();
    this.scene.render();
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
    const { reading, manifest, suv_bw } = this.workplace;
    this.lesions.show(lesionStatistics(manifest.volumes.pet.geometry, reading.labelmap.voxels, suv_bw));
    this.toolbox.showHistory();
  }

  private get pointing(): Pointing {
    const { workplace, scene, settings } = this;
    return {
      scene,
      settings,
      reading: workplace.reading,
      suv_bw: workplace.suv_bw,
      mayDraw: workplace.manifest.task.may_draw,
      overlays: () => this.overlays,
      petGeometry: () => workplace.pet_geometry,
      restyle: (changes) => this.restyle(changes),
      hover: (place) => this.readout.show(place),
      say: (message) => this.messages.say(message),
    };
  }

  private updateOverlays(): void {
    for (const overlay of this.overlays) overlay.update();
  }

  private showChange({ slices, finished }: ReadingChange): void {
    const { labels, reading } = this.workplace;
    if (finished)
      for (const { description } of this.scene.panes)
        if (description.content !== 'mip')
          labels.paintLabels(
            description.id,
            reading.lesions.map(({ label }) => label),
          );
    if (slices !== 'none' && (slices === 'all' || slices.size > 0)) labels.update(slices);
    clearTimeout(this.statistics_timer);
    if (slices === 'none') this.showStatistics();
    else this.statistics_timer = window.setTimeout(() => this.showStatistics(), STATISTICS_AFTER_MS);
  }

  private movePet(offset_lps_mm: Vec3): void {
    this.workplace.placePet(offset_lps_mm);
    this.scene.render();
  }

  /** Puts the crosshair on the hottest voxel of a lesion. */
  private goTo(label: number): void {
    const { reading, suv_bw, pet_geometry } = this.workplace;
    const offsets = reading.labelmap.offsetsOf(label);
    if (offsets.length === 0) return this.messages.say('Nothing is drawn in this lesion yet.');
    const hottest = offsets.reduce((best, offset) => (suv_bw[offset] > suv_bw[best] ? offset : best));
    const [nx, ny] = pet_geometry.size_xyz;
    this.scene.moveTo(
      indexToLps(pet_geometry, [hottest % nx, Math.floor(hottest / nx) % ny, Math.floor(hottest / (nx * ny))]),
    );
  }
}
