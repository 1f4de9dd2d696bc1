// Draws the sketches over one pane: those that lie in its plane, and the section of a sphere with it.
import type { Types } from '@cornerstonejs/core';
import { svg } from '../lib/dom';
import { dot, subtract, type Vec3 } from '../lib/lps';
import type { Pane, Scene } from './scene';
import type { Sketch, Sketches } from './sketches';

/** A line is shown on the slices within half a usual PET slice of it. */
const SHOWN_WITHIN_MM = 2.5;

export class SketchOverlay {
  private readonly drawing = svg('svg', { class: 'viewer-overlay viewer-sketches', 'aria-hidden': 'true' });

  constructor(
    private readonly pane: Pane,
    private readonly scene: Scene,
    private readonly sketches: Sketches,
  ) {
    pane.element.append(this.drawing);
    pane.element.addEventListener('CORNERSTONE_CAMERA_MODIFIED', () => this.update());
    this.update();
  }

  update(): void {
    this.drawing.replaceChildren(...this.sketches.all.flatMap((sketch) => this.marksOf(sketch)));
  }

  private marksOf(sketch: Sketch): SVGElement[] {
    return sketch.radius_mm === undefined ? this.line(sketch) : this.sphere(sketch, sketch.radius_mm);
  }

  private line({ kind, points, closed, text }: Sketch): SVGElement[] {
    if (points.some((place) => Math.abs(this.distanceMm(place)) > SHOWN_WITHIN_MM)) return [];
    const places = points.map((place) => this.canvas(place));
    const path = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
    const line = svg(closed ? 'polygon' : 'polyline', { class: `viewer-sketch is-${kind}`, points: path });
    const label = text ? this.label(text, places[places.length - 1]) : null;
    return label ? [line, label] : [line];
  }

  private sphere({ kind, points, text }: Sketch, radius_mm: number): SVGElement[] {
    const section_mm = Math.sqrt(Math.max(0, radius_mm ** 2 - this.distanceMm(points[0]) ** 2));
    if (section_mm === 0) return [];
    const [cx, cy] = this.canvas(points[0]);
    const r = section_mm * this.scene.pixelsPerMm(this.pane);
    const circle = svg('circle', { class: `viewer-sketch is-${kind}`, cx, cy, r });
    return text ? [circle, this.label(text, [cx + r, cy])] : [circle];
  }

  private label(text: string, [x, y]: readonly [number, number]): SVGElement {
    const label = svg('text', { class: 'viewer-sketch-text', x: x + 6, y: y - 6 });
    label.textContent = text;
    return label;
  }

  private canvas(place: Vec3): [number, number] {
    const [x, y] = this.pane.viewport.worldToCanvas([...place] as Types.Point3);
    return [x, y];
  }

  private distanceMm(place: Vec3): number {
    const focal = this.pane.viewport.getCamera().focalPoint as unknown as Vec3;
    return dot(this.scene.normalOf(this.pane), subtract(place, focal));
  }
}
