// What lies over each pane: the crosshair, the brush's outline, orientation letters, slice number and title.
import type { Types } from '@cornerstonejs/core';
import { el, svg } from '../lib/dom';
import { dot, orientationLetters, scale, subtract, type Vec3 } from '../lib/lps';
import { CONTENT_TITLES } from './layout';
import type { Pane, Scene } from './scene';

const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export class Overlay {
  private readonly drawing = svg('svg', { class: 'viewer-overlay', 'aria-hidden': 'true' });
  private readonly lines = [0, 1, 2, 3].map(() => svg('line', { class: 'viewer-crosshair' }));
  private readonly ring = svg('circle', { class: 'viewer-ring', r: 0 });
  private readonly letters = (['left', 'right', 'top', 'bottom'] as const).map((side) =>
    el('span', { class: `viewer-letter viewer-letter-${side}` }),
  );
  private readonly slice = el('span', { class: 'viewer-slice' });

  constructor(
    private readonly pane: Pane,
    private readonly scene: Scene,
  ) {
    const { content, plane } = pane.description;
    const title = content === 'mip' ? CONTENT_TITLES.mip : `${CONTENT_TITLES[content]} ${plane}`;
    this.drawing.append(...this.lines, this.ring);
    pane.element.append(this.drawing, el('span', { class: 'viewer-title' }, title), this.slice, ...this.letters);
    pane.element.addEventListener('CORNERSTONE_CAMERA_MODIFIED', () => this.update());
  }

  get isMip(): boolean {
    return this.pane.description.content === 'mip';
  }

  update(): void {
    this.placeCrosshair();
    this.nameDirections();
    if (this.isMip) return;
    const { number, count } = this.scene.sliceOf(this.pane);
    this.slice.textContent = `${number} / ${count}`;
  }

  /** Shows the brush's outline at a pane position, or hides it (radius 0). */
  showRing(x: number, y: number, radius_px: number): void {
    for (const [name, value] of Object.entries({ cx: x, cy: y, r: radius_px }))
      this.ring.setAttribute(name, String(value));
  }

  /** Shows the section of a ball with this pane's plane; hides it where the plane misses the ball. */
  showBall(centre: Vec3, radius_mm: number): void {
    const distance_mm = dot(this.scene.normalOf(this.pane), subtract(this.scene.cursor_lps_mm, centre));
    const section_mm = Math.sqrt(Math.max(0, radius_mm ** 2 - distance_mm ** 2));
    const [x, y] = this.pane.viewport.worldToCanvas([...centre] as Types.Point3);
    this.showRing(x, y, section_mm * this.scene.pixelsPerMm(this.pane));
  }

  // Two lines with a gap in the middle, so that the crosshair never hides what it points at.
  private placeCrosshair(): void {
    const [x, y] = this.pane.viewport.worldToCanvas([...this.scene.cursor_lps_mm] as Types.Point3);
    const { clientWidth: width, clientHeight: height } = this.pane.element;
    const gap = 14;
    const ends = [
      [0, y, x - gap, y],
      [x + gap, y, width, y],
      [x, 0, x, y - gap],
      [x, y + gap, x, height],
    ];
    this.lines.forEach((line, i) => {
      for (const [k, name] of ['x1', 'y1', 'x2', 'y2'].entries()) line.setAttribute(name, String(ends[i][k]));
    });
  }

  private nameDirections(): void {
    const { viewUp, viewPlaneNormal } = this.pane.viewport.getCamera();
    const up = viewUp as unknown as Vec3;
    const right = cross(up, viewPlaneNormal as unknown as Vec3);
    const directions = [scale(right, -1), right, up, scale(up, -1)];
    this.letters.forEach((letter, i) => {
      letter.textContent = orientationLetters(directions[i]);
    });
  }
}
