// What browser tests may read of the viewer: window.petraViewer. It changes nothing but the cursor.
import type { Types } from '@cornerstonejs/core';
import type { Vec3 } from '../lib/lps';
import type { Scene } from './scene';
import type { Workplace } from './workplace';

export interface ViewerForTests {
  /** ready: the first images are shown; loaded: every voxel is here */
  state: 'ready' | 'loaded' | 'failed';
  voxelCounts(): Record<number, number>;
  jumpTo(place_lps_mm: Vec3): void;
  /** Page coordinates of a place in a pane ("fusion-axial" …). */
  canvasPoint(place_lps_mm: Vec3, pane?: string): [number, number];
}

declare global {
  interface Window {
    petraViewer?: ViewerForTests;
  }
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
    canvasPoint(place, id = 'fusion-axial') {
      const pane = scene.panes.find(({ description }) => description.id === id);
      if (!pane) throw new Error(`No pane "${id}" in this layout.`);
      const [x, y] = pane.viewport.worldToCanvas([...place] as Types.Point3);
      const { left, top } = pane.element.getBoundingClientRect();
      return [left + x, top + y];
    },
  };
  window.petraViewer = exposed;
  return exposed;
}
