// The maximum-intensity projection: turned by dragging, and a click goes to the hottest voxel along that line of sight.
import type { Types } from '@cornerstonejs/core';
import { add, type Geometry, scale, subtract, type Vec3, voxelOffsetAt } from '../lib/lps';
import type { Pane, Scene } from './scene';

const STEP_MM = 2;
const DEGREES_PER_PIXEL = 0.6;

/** The place of the highest SUV on the line through `through` along `direction`; null when the line misses the PET. */
export function hottestAlong(
  geometry: Geometry,
  suv_bw: ArrayLike<number>,
  through: Vec3,
  direction: Vec3,
): Vec3 | null {
  const reach_mm = Math.hypot(...geometry.size_xyz.map((size, axis) => size * geometry.spacing_mm[axis]));
  let best: Vec3 | null = null;
  let best_suv_bw = Number.NEGATIVE_INFINITY;
  for (let along_mm = -reach_mm; along_mm <= reach_mm; along_mm += STEP_MM) {
    const place = add(through, scale(direction, along_mm));
    const offset = voxelOffsetAt(geometry, place);
    if (offset === null || suv_bw[offset] <= best_suv_bw) continue;
    best = place;
    best_suv_bw = suv_bw[offset];
  }
  return best;
}

/** Turns the MIP about the patient's long axis. */
export function turnMip(scene: Scene, pane: Pane, pixels: number): void {
  const angle = (pixels * DEGREES_PER_PIXEL * Math.PI) / 180;
  const { focalPoint, position } = pane.viewport.getCamera() as Required<Types.ICamera>;
  const [dx, dy, dz] = subtract(position as unknown as Vec3, focalPoint as unknown as Vec3);
  const turned: Vec3 = [dx * Math.cos(angle) - dy * Math.sin(angle), dx * Math.sin(angle) + dy * Math.cos(angle), dz];
  pane.viewport.setCamera({ position: [...add(focalPoint as unknown as Vec3, turned)] as Types.Point3 });
  scene.render([pane.description.id]);
}
