// The other reading of "Compare readings": any mask that the page may show, loaded when it is first laid beside the own.
import { cache, type ImageVolume } from '@cornerstonejs/core';
import { getBytes } from '../api/client';
import { el } from '../lib/dom';
import { voxelCount } from '../lib/lps';
import { Labelmap } from './labelmap';
import { LabelsDisplay } from './labels_display';
import type { Layer } from './manifest';
import type { Pane } from './scene';
import { VOLUME_IDS, type Workplace } from './workplace';

export class Compared {
  /** Chooses which mask lies on the right; null where the page may show no other. */
  readonly chooser: HTMLElement | null;
  private readonly layers: readonly Layer[];
  private readonly labelmap: Labelmap;
  private display: LabelsDisplay | null = null;
  private chosen: Layer | undefined;
  private shown_in: readonly Pane[] = [];

  constructor(
    private readonly workplace: Workplace,
    private readonly say: (message: string) => void,
  ) {
    const { geometry } = workplace.manifest.volumes.pet;
    // The labels of votes are how many readers drew a voxel, and no lesions.
    this.layers = (workplace.manifest.layers ?? []).filter(({ kind }) => kind !== 'votes');
    this.chosen = this.layers.find(({ kind }) => kind === 'reading') ?? this.layers[0];
    this.labelmap = new Labelmap(geometry, new Uint8Array(this.chosen ? voxelCount(geometry) : 0));
    this.chooser = this.chosen ? this.select(this.chosen) : null;
  }

  get title(): string {
    return this.chosen?.title ?? 'without contours';
  }

  async showIn(panes: readonly Pane[]): Promise<void> {
    this.shown_in = panes;
    if (!this.chosen || panes.length === 0) return;
    if (!this.display) {
      const { manifest, offset_lps_mm } = this.workplace;
      const pet = cache.getVolume(VOLUME_IDS.pet) as ImageVolume;
      const { frame_of_reference_uid } = manifest;
      this.display = new LabelsDisplay(this.labelmap, frame_of_reference_uid, pet, offset_lps_mm, 'compared');
      await this.load(this.chosen);
    }
    await this.display.showIn(panes, this.labels);
  }

  place(...offset: Parameters<LabelsDisplay['place']>): void {
    this.display?.place(...offset);
  }

  private get labels(): number[] {
    return [...new Set(this.labelmap.voxels)].filter((label) => label > 0);
  }

  private select(chosen: Layer): HTMLElement {
    const options = this.layers.map(({ id, title }) => el('option', { value: id, selected: id === chosen.id }, title));
    const choose = (event: Event) => void this.choose((event.target as HTMLSelectElement).value);
    const select = el('select', { id: 'compared-with', 'aria-label': 'Beside', onchange: choose }, ...options);
    return el('label', { class: 'viewer-field' }, el('span', { class: 'viewer-label' }, 'Beside'), select);
  }

  private async choose(id: string): Promise<void> {
    const layer = this.layers.find((candidate) => candidate.id === id);
    if (!layer || !this.display) return;
    await this.load(layer);
    for (const { description, element } of this.shown_in) {
      this.display.paintLabels(description.id, this.labels);
      element.querySelector('.viewer-whose')?.replaceChildren(layer.title);
    }
    this.display.update('all');
  }

  private async load(layer: Layer): Promise<void> {
    const { voxels } = this.labelmap;
    try {
      const loaded = new Uint8Array(await getBytes(layer.url));
      if (loaded.length !== voxels.length)
        throw new Error(`${layer.title} has ${loaded.length} voxels instead of the PET's ${voxels.length}.`);
      voxels.set(loaded);
      this.chosen = layer;
    } catch (error) {
      this.say(`${layer.title} cannot be shown: ${(error as Error).message}`);
    }
  }
}
