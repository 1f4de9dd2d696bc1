// Moves by key: the cursor within a pane, magnification, and the image under the pane.
import type { Types } from '@cornerstonejs/core';
import { add, cross, scale, type Vec3 } from '../lib/lps';
import type { Pane, Scene } from './scene';

const PARALLEL_SCALE_MM = { min: 5, max: 2000 };

/** Directions (LPS) to the right and upwards as the pane is seen. */
export function screenAxes({ viewport }: Pane): { right: Vec3; up: Vec3 } {
  const { viewUp, viewPlaneNormal } = viewport.getCamera() as Required<Types.ICamera>;
  const up = viewUp as unknown as Vec3;
  return { right: cross(up, viewPlaneNormal as unknown as Vec3), up };
}

/** Moves the cursor within the pane, by voxels of its grid to the right and up as it is seen. */
export function nudgeCursor(scene: Scene, pane: Pane, steps_right: number, steps_up: number): void {
  const { right, up } = screenAxes(pane);
  const step_mm = Math.min(...scene.gridOf(pane).spacing_mm);
  const shift = add(scale(right, steps_right * step_mm), scale(up, steps_up * step_mm));
  scene.moveTo(add(scene.cursor_lps_mm, shift));
}

/** Magnifies about the middle of the pane; 1.25 shows a quarter more. */
export function zoom(scene: Scene, { viewport, description }: Pane, factor: number): void {
  const { parallelScale } = viewport.getCamera() as Required<Types.ICamera>;
  const wanted = Math.min(PARALLEL_SCALE_MM.max, Math.max(PARALLEL_SCALE_MM.min, parallelScale / factor));
  viewport.setCamera({ parallelScale: wanted });
  scene.render([description.id]);
}

/** Moves the image in the pane by shares of the pane's height. */
export function pan(scene: Scene, pane: Pane, share_right: number, share_up: number): void {
  const { focalPoint, position, parallelScale } = pane.viewport.getCamera() as Required<Types.ICamera>;
  const { right, up } = screenAxes(pane);
  const shift = scale(add(scale(right, share_right), scale(up, share_up)), -2 * parallelScale);
  const shifted = (place: Types.Point3) => [...add(place as unknown as Vec3, shift)] as Types.Point3;
  pane.viewport.setCamera({ focalPoint: shifted(focalPoint), position: shifted(position) });
  scene.render([pane.description.id]);
}

/** Shows the whole image in every pane again; the planes stay at the cursor. */
export function fitAll(scene: Scene): void {
  for (const { viewport } of scene.panes) viewport.resetCamera({ resetRotation: false } as never);
  scene.moveTo(scene.cursor_lps_mm);
  scene.render();
}
