// The maximum-intensity projection: turns by itself or by hand; a click goes to the hottest voxel along that line of sight.
import type { Types } from '@cornerstonejs/core';
import { add, type Geometry, scale, subtract, type Vec3, voxelOffsetAt } from '../lib/lps';
import type { Pane, Scene } from './scene';

const STEP_MM = 2;
const DEGREES_PER_PIXEL = 0.6;
export const MIP_SPEEDS_DEGREES_PER_S = [15, 30, 60] as const;

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

/** A direction turned about the patient's long axis; positive angles bring the patient's left towards the viewer. */
export function turnedAboutLongAxis([x, y, z]: Vec3, degrees: number): Vec3 {
  const angle = (degrees * Math.PI) / 180;
  return [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle), z];
}

/** From where the MIP is seen: 0° from the front, 90° from the patient's left, in 0…359. */
export function angleOf([x, y]: Vec3): number {
  return (Math.round((Math.atan2(x, -y) * 180) / Math.PI) + 360) % 360;
}

export function turnMip(scene: Scene, pane: Pane, degrees: number): void {
  const { focalPoint, position } = pane.viewport.getCamera() as Required<Types.ICamera>;
  const from = subtract(position as unknown as Vec3, focalPoint as unknown as Vec3);
  const turned = add(focalPoint as unknown as Vec3, turnedAboutLongAxis(from, degrees));
  pane.viewport.setCamera({ position: [...turned] as Types.Point3 });
  scene.render([pane.description.id]);
}

export function dragMip(scene: Scene, pane: Pane, pixels: number): void {
  turnMip(scene, pane, pixels * DEGREES_PER_PIXEL);
}

/** Turns the MIP of the scene by time, so that a slow graphics card turns it in larger steps and not more slowly. */
export class MipTurning {
  private frame = 0;
  private last_ms = 0;

  constructor(
    private readonly scene: Scene,
    public degrees_per_s: number,
    private readonly changed: () => void,
  ) {}

  get isTurning(): boolean {
    return this.frame !== 0;
  }

  toggle(): void {
    if (this.isTurning) this.stop();
    else this.start();
  }

  start(): void {
    if (this.isTurning) return;
    this.last_ms = performance.now();
    this.frame = requestAnimationFrame((now_ms) => this.step(now_ms));
    this.changed();
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.changed();
  }

  nextSpeed(): void {
    const faster = MIP_SPEEDS_DEGREES_PER_S.find((speed) => speed > this.degrees_per_s);
    this.degrees_per_s = faster ?? MIP_SPEEDS_DEGREES_PER_S[0];
    this.changed();
  }

  // Where drawing a frame takes long, the page keeps most of its time for the reader's own work.
  private step(now_ms: number): void {
    const pause_ms = Math.max(16, 3 * this.scene.render_ms);
    if (now_ms - this.last_ms >= pause_ms) {
      const degrees = (this.degrees_per_s * (now_ms - this.last_ms)) / 1000;
      this.last_ms = now_ms;
      for (const pane of this.scene.panes) if (pane.description.content === 'mip') turnMip(this.scene, pane, degrees);
    }
    this.frame = requestAnimationFrame((next_ms) => this.step(next_ms));
  }
}
