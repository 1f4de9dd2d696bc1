// The full volumes take the place of their previews in every pane, under the same cameras, labels and colours.
//
// Slices go to the graphics card as they arrive, while the previews are on the screen. Where the rest will be here soon, the
// full volumes are drawn once, complete; on a slow network they take over early and go on filling before the reader's eyes.
import { createVolumeMapper, type ImageVolume, type Types } from '@cornerstonejs/core';
import type { Scene } from './scene';
import { makeTexture, sendSlices, touchSlices } from './volumes';
import { VOLUME_IDS, type Workplace } from './workplace';

// So long the network is watched, and so long a wait for the rest is worth one drawing instead of many.
const WATCHED_MS = 4000;
const SOON_MS = 8000;

export class Exchange {
  private readonly missing: Map<ImageVolume, Set<number>>;
  private readonly started_ms = performance.now();
  private is_over = false;

  constructor(
    private readonly scene: Scene,
    { ct, pet }: Workplace,
  ) {
    const all = ({ dimensions }: ImageVolume) => new Set(Array.from({ length: dimensions[2] }, (_, slice) => slice));
    this.missing = new Map([ct, pet].map((volume) => [volume, all(volume)]));
    for (const volume of [ct, pet]) makeTexture(volume, scene.graphicsWindow);
  }

  arrived(volume: ImageVolume, slices: readonly number[]): void {
    touchSlices(volume, slices);
    for (const slice of slices) this.missing.get(volume)?.delete(slice);
    if (this.takes_long) this.takeOver();
    if (this.is_over) this.scene.renderArrived();
    else if (!this.scene.graphics_lost) sendSlices(volume);
  }

  private get takes_long(): boolean {
    const elapsed_ms = performance.now() - this.started_ms;
    return elapsed_ms > WATCHED_MS && elapsed_ms * (1 / this.share - 1) > SOON_MS;
  }

  /** How much of all voxels has arrived (0…1). */
  private get share(): number {
    const all = [...this.missing];
    const voxels = (of: (volume: ImageVolume, missing: Set<number>) => number) =>
      all.reduce(
        (sum, [volume, missing]) => sum + volume.dimensions[0] * volume.dimensions[1] * of(volume, missing),
        0,
      );
    return 1 - voxels((_, missing) => missing.size) / voxels(({ dimensions }) => dimensions[2]);
  }

  /** Shows the full volumes now; what has not arrived is what the preview says. */
  takeOver(): void {
    if (this.is_over) return;
    this.is_over = true;
    for (const [volume, slices] of this.missing) touchSlices(volume, slices);
    this.scene.exchange(VOLUME_IDS);
  }
}

type VolumeActor = {
  getMapper(): ReturnType<typeof createVolumeMapper>;
  setMapper(mapper: unknown): void;
};

/** Puts `volume` into the actors of a viewport that show the volume `from`; all else about them stays. */
export function exchangeIn(viewport: Types.IVolumeViewport, from: string, volume: ImageVolume): void {
  for (const entry of viewport.getActors()) {
    if (entry.referencedId !== from) continue;
    const actor = entry.actor as unknown as VolumeActor;
    const before = actor.getMapper();
    const mapper = createVolumeMapper(volume.imageData as never, volume.vtkOpenGLTexture as never);
    mapper.setBlendMode(before.getBlendMode());
    for (const plane of before.getClippingPlanes()) mapper.addClippingPlane(plane);
    actor.setMapper(mapper);
    entry.referencedId = volume.volumeId;
    (viewport as unknown as { _addVolumeId(id: string): void })._addVolumeId(volume.volumeId);
  }
}
