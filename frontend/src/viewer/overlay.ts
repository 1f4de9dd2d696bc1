// What lies over each pane: crosshair, brush outline, orientation letters, scale bar, slice number, title and window.
import type { Types } from '@cornerstonejs/core';
import { el, svg } from '../lib/dom';
import { dot, orientationLetters, scale, subtract, type Vec3 } from '../lib/lps';
import { formatMm, formatNumber } from '../lib/units';
import { screenAxes } from './camera_moves';
import { CONTENT_TITLES } from './layout';
import { angleOf } from './mip';
import type { Pane, Scene } from './scene';

const SCALE_BARS_MM = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const WIDEST_BAR_PX = 120;
const LPS_AXES = ['L', 'P', 'H'];

/** The longest customary length (mm) that fits into the width for a scale bar. */
export function scaleBarMm(pixels_per_mm: number, widest_px = WIDEST_BAR_PX): number {
  return SCALE_BARS_MM.findLast((length_mm) => length_mm * pixels_per_mm <= widest_px) ?? SCALE_BARS_MM[0];
}

export class Overlay {
  private readonly drawing = svg('svg', { class: 'viewer-overlay', 'aria-hidden': 'true' });
  private readonly lines = [0, 1, 2, 3].map(() => svg('line', { class: 'viewer-crosshair' }));
  private readonly ring = svg('circle', { class: 'viewer-ring', r: 0 });
  private readonly bar = svg('path', { class: 'viewer-scale-bar' });
  private readonly letters = (['left', 'right', 'top', 'bottom'] as const).map((side) =>
    el('span', { class: `viewer-letter viewer-letter-${side}` }),
  );
  private readonly slice_number = el('span');
  private readonly slice_place = el('span', { class: 'viewer-place' });
  private readonly slice = el('span', { class: 'viewer-slice' }, this.slice_number, this.slice_place);
  private readonly window = el('span', { class: 'viewer-window' });
  private readonly bar_length = el('span', { class: 'viewer-scale' });

  constructor(
    private readonly pane: Pane,
    private readonly scene: Scene,
    contours_title: string,
  ) {
    const { content, plane } = pane.description;
    const title = content === 'mip' ? CONTENT_TITLES.mip : `${CONTENT_TITLES[content]} ${plane}`;
    this.drawing.append(...this.lines, this.ring, this.bar);
    pane.element.append(
      this.drawing,
      el('span', { class: 'viewer-title' }, title, el('span', { class: 'viewer-whose' }, contours_title)),
      this.window,
      this.slice,
      this.bar_length,
      ...this.letters,
    );
    pane.element.addEventListener('CORNERSTONE_CAMERA_MODIFIED', () => this.update());
  }

  get isMip(): boolean {
    return this.pane.description.content === 'mip';
  }

  update(): void {
    this.placeCrosshair();
    this.nameDirections();
    this.drawScaleBar();
    this.window.textContent = this.windowText();
    if (this.isMip) this.slice_number.textContent = `${angleOf(this.scene.normalOf(this.pane))}°`;
    else this.showSlice();
  }

  private showSlice(): void {
    const { number, count } = this.scene.sliceOf(this.pane);
    const normal = this.scene.normalOf(this.pane).map(Math.abs);
    const axis = normal.indexOf(Math.max(...normal));
    this.slice_number.textContent = number === null ? 'outside the image' : `${number} / ${count}`;
    this.slice_place.textContent = `${LPS_AXES[axis]} ${formatMm(this.scene.cursor_lps_mm[axis])} mm`;
  }

  private windowText(): string {
    const { ct_window, suv_bw_upper } = this.scene.appearance;
    const ct = `L ${formatNumber(ct_window.level_hu, 0)} W ${formatNumber(ct_window.width_hu, 0)}`;
    const pet = `SUVbw 0–${formatNumber(suv_bw_upper, 1)}`;
    const { content } = this.pane.description;
    return content === 'ct' ? ct : content === 'fusion' ? `${ct}\n${pet}` : pet;
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

  private drawScaleBar(): void {
    const pixels_per_mm = this.scene.pixelsPerMm(this.pane);
    const length_mm = scaleBarMm(pixels_per_mm);
    const { clientWidth: width, clientHeight: height } = this.pane.element;
    const [right, bottom] = [width - 12, height - 10];
    const left = right - length_mm * pixels_per_mm;
    this.bar.setAttribute('d', `M ${left} ${bottom - 5} V ${bottom} H ${right} V ${bottom - 5}`);
    this.bar_length.textContent = `${length_mm} mm`;
  }

  private nameDirections(): void {
    const { right, up } = screenAxes(this.pane);
    const directions = [scale(right, -1), right, up, scale(up, -1)];
    this.letters.forEach((letter, i) => {
      letter.textContent = orientationLetters(directions[i]);
    });
  }
}
