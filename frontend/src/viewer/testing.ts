// What browser tests may read of the viewer: window.petraViewer. It changes nothing but the cursor.
import type { Types } from '@cornerstonejs/core';
import type { Vec3 } from '../lib/lps';
import type { Pane, Scene } from './scene';
import type { Workplace } from './workplace';

export interface ViewerForTests {
  /** ready: the first images are shown; loaded: every voxel is here */
  state: 'ready' | 'loaded' | 'failed';
  voxelCounts(): Record<number, number>;
  jumpTo(place_lps_mm: Vec3): void;
  /** Page coordinates of a place in a pane ("fusion-axial" …). */
  canvasPoint(place_lps_mm: Vec3, pane?: string): [number, number];
  cursor(): Vec3;
  /** What the camera of a pane looks along and how much it shows (half the height, mm). */
  camera(pane: string): { readonly normal: Vec3; readonly half_height_mm: number };
  /** Behind all panes; its WEBGL_lose_context makes the fault. */
  graphicsCanvas(): HTMLCanvasElement;
}

declare global {
  interface Window {
    petraViewer?: ViewerForTests;
  }
}

function paneOf(scene: Scene, id: string): Pane {
  const pane = scene.panes.find(({ description }) => description.id === id);
  if (!pane) throw new Error(`No pane "${id}" in this layout.`);
  return pane;
}

/** Without graphics there is only the state to wait for. */
export function exposeLookForTests(): Pick<ViewerForTests, 'state'> {
  const exposed = { ...window.petraViewer, state: 'ready' } as ViewerForTests;
  window.petraViewer = exposed;
  return exposed;
}

export function exposeForTests(scene: Scene, { reading }: Workplace): ViewerForTests {
  const exposed: ViewerForTests = {
    state: 'ready',
    voxelCounts() {
      const counts: Record<number, number> = {};
      for (const label of reading.labelmap.voxels) if (label > 0) counts[label] = (counts[label] ?? 0) + 1;
      return counts;
    },
    jumpTo: (place) => scene.moveTo(place),
    cursor: () => scene.cursor_lps_mm,
    camera(id) {
      const pane = paneOf(scene, id);
      const half_height_mm = pane.viewport.getCamera().parallelScale ?? 0;
      return { normal: [...scene.normalOf(pane)] as unknown as Vec3, half_height_mm };
    },
    graphicsCanvas: () => scene.graphicsCanvas,
    canvasPoint(place, id = 'fusion-axial') {
      const pane = paneOf(scene, id);
      const [x, y] = pane.viewport.worldToCanvas([...place] as Types.Point3);
      const { left, top } = pane.element.getBoundingClientRect();
      return [left + x, top + y];
    },
  };
  window.petraViewer = exposed;
  return exposed;
}
