// Cornerstone with nothing around it: no tools, overlays, labels or saving; the same panes, volumes and colours.
import { Enums, init as initCore, RenderingEngine, type Types, utilities } from '@cornerstonejs/core';
import { init as initTools } from '@cornerstonejs/tools';
import { initialAppearance } from '../../src/viewer/appearance';
import { LAYOUTS, type PaneDescription } from '../../src/viewer/layout';
import type { Manifest, VolumeEntry } from '../../src/viewer/manifest';
import { makeVolume } from '../../src/viewer/volumes';
import { voxelCount } from '../../src/lib/lps';
import { applyAppearance, registerColourMaps, volumesOf } from '../../src/viewer/volume_appearance';
import type { Measured } from './main';
import { loadSliceBySlice } from './slice_by_slice';

const ORIENTATIONS = {
  axial: Enums.OrientationAxis.AXIAL,
  coronal: Enums.OrientationAxis.CORONAL,
  sagittal: Enums.OrientationAxis.SAGITTAL,
};
const CT = 'bare/ct';
const PET = 'bare/pet';

interface Shown {
  readonly panes: { readonly description: PaneDescription; readonly viewport: Types.IVolumeViewport }[];
  readonly engine: RenderingEngine;
}

async function enable(width: number, height: number): Promise<Shown> {
  await initCore();
  initTools();
  registerColourMaps();
  const engine = new RenderingEngine('bare');
  const panes = LAYOUTS.fusion.panes.map((description) => {
    const element = document.createElement('div');
    element.style.cssText = `width:${width}px;height:${height}px;display:inline-block`;
    document.body.append(element);
    engine.enableElement({
      viewportId: description.id,
      type: Enums.ViewportType.ORTHOGRAPHIC,
      element,
      defaultOptions: { orientation: ORIENTATIONS[description.plane], background: [0, 0, 0] },
    });
    return { description, viewport: engine.getViewport(description.id) as Types.IVolumeViewport };
  });
  return { panes, engine };
}

/** Until the axial pane was drawn and a further frame could begin. */
function drawn({ panes }: Shown, draw: () => void): Promise<void> {
  const { element } = panes[0].viewport;
  return new Promise((resolve) => {
    element.addEventListener(Enums.Events.IMAGE_RENDERED, () => requestAnimationFrame(() => resolve()), { once: true });
    draw();
  });
}

async function showVolumes(shown: Shown, ct: string, pet: string, diagonal_mm: number): Promise<void> {
  const look = initialAppearance('tumour');
  for (const { description, viewport } of shown.panes) {
    await viewport.setVolumes(volumesOf(description.content, ct, pet, diagonal_mm));
    applyAppearance(viewport, description.content, ct, pet, look);
  }
  await drawn(shown, () => shown.engine.render());
}

/** Cornerstone loaded and started, with the viewer's panes and nothing in them. */
export async function showEmpty(width: number, height: number): Promise<Measured> {
  const shown = await enable(width, height);
  await drawn(shown, () => shown.engine.render());
  return { first_ms: performance.now() };
}

async function loadWhole(entry: VolumeEntry): Promise<Int16Array | Float32Array> {
  const target =
    entry.unit === 'HU' ? new Int16Array(voxelCount(entry.geometry)) : new Float32Array(voxelCount(entry.geometry));
  const slice = entry.geometry.size_xyz[0] * entry.geometry.size_xyz[1];
  for (const slab of entry.slabs) {
    const bytes = await (await fetch(slab.url)).arrayBuffer();
    const stored = entry.dtype === 'int16' ? new Int16Array(bytes) : new Uint16Array(bytes);
    for (let i = 0; i < stored.length; i++) target[slab.first_slice * slice + i] = stored[i] * entry.slope;
  }
  return target;
}

function diagonal({ geometry }: VolumeEntry): number {
  return Math.hypot(...geometry.size_xyz.map((size, axis) => size * geometry.spacing_mm[axis]));
}

/** The whole volumes first, then one picture; its scrolling is what the viewer's is measured against. */
export async function showBare({ volumes, ...manifest }: Manifest, width: number, height: number): Promise<Measured> {
  const shown = await enable(width, height);
  const frameOfReferenceUID = manifest.frame_of_reference_uid;
  const make = async (volumeId: string, entry: VolumeEntry, modality: 'CT' | 'PT') =>
    makeVolume({ volumeId, geometry: entry.geometry, voxels: await loadWhole(entry), modality, frameOfReferenceUID });
  await make(CT, volumes.ct, 'CT');
  await make(PET, volumes.pet, 'PT');
  await showVolumes(shown, CT, PET, diagonal(volumes.pet));
  const now = performance.now();
  return { first_ms: now, all_ms: now, scroll: (slices: number) => scrollThrough(shown, CT, slices) };
}

async function scrollThrough(shown: Shown, volumeId: string, slices: number): Promise<number> {
  const { viewport } = shown.panes[0];
  const step = (delta: number) => utilities.scroll(viewport as never, { delta, volumeId });
  await drawn(shown, () => step(-Math.floor(slices / 2) + 1));
  const started_ms = performance.now();
  for (let i = 1; i < slices - 1; i++) await drawn(shown, () => step(1));
  return performance.now() - started_ms;
}

/** Cornerstone's streaming volumes, filled slice by slice by WADO-RS. */
export async function showSlices(
  dicomweb: string,
  { volumes }: Manifest,
  width: number,
  height: number,
): Promise<Measured> {
  const shown = await enable(width, height);
  const loading = await loadSliceBySlice(dicomweb);
  let first_ms = 0;
  // The first fused image is the first one whose middle slices are there.
  const middle = Promise.all([loading.ct.middle, loading.pet.middle]).then(() =>
    drawn(shown, () => shown.engine.render()).then(() => {
      first_ms = performance.now();
    }),
  );
  await showVolumes(shown, loading.ct.volumeId, loading.pet.volumeId, diagonal(volumes.pet));
  loading.start();
  await Promise.all([middle, loading.ct.all, loading.pet.all]);
  await drawn(shown, () => shown.engine.render());
  return { first_ms, all_ms: performance.now() };
}
