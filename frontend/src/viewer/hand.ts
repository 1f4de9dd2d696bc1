// The hand that draws: turns presses of the mouse button, or of the space bar at the crosshair, into edits of the reading.
import type { Geometry, Vec3 } from '../lib/lps';
import { voxelOffsetAt } from '../lib/lps';
import { formatMm, formatNumber, formatSuvBw } from '../lib/units';
import type { Body } from './drawing/lean_body_mass';
import { LIVER_RADIUS_MM, liverReference } from './drawing/percist';
import { polygonOffsets } from './drawing/polygon';
import { regionFrom } from './drawing/region_growing';
import { closedSpline } from './drawing/spline';
import type { Reading } from './reading';
import type { Sketches } from './sketches';
import { BrushStroke, type Canvas, type Gesture, IsocontourDrag } from './strokes';
import type { ToolSettings } from './tools';

const NEAR_MM = 3;

export interface HandTools {
  readonly reading: Reading;
  readonly settings: ToolSettings;
  readonly suv_bw: Float32Array;
  readonly sketches: Sketches;
  readonly body: Body;
  readonly may_draw: boolean;
  petGeometry(): Geometry;
  /** The settings of the chosen tool changed by what was drawn (the liver's reference). */
  settingsChanged(): void;
}

export class Hand {
  private points: Vec3[] = [];
  private normal: Vec3 = [0, 0, 1];

  constructor(private readonly tools: HandTools) {}

  /** What the chosen tool does from here on, or null where it does nothing with a press (navigate, window). */
  press(place: Vec3, normal: Vec3): Gesture | null {
    const { settings, may_draw } = this.tools;
    if (settings.tool === 'ruler') return this.measureFrom(place);
    if (!may_draw) return null;
    switch (settings.tool) {
      case 'brush':
      case 'threshold':
      case 'eraser':
        return new BrushStroke(this.canvas, normal, place);
      case 'isocontour':
        return new IsocontourDrag(this.canvas, place);
      case 'freehand':
        return this.lasso(place, normal);
      case 'spline':
        return done(this.addPoint(place, normal));
      case 'region':
        return done(this.growRegion(place));
      case 'liver':
        return done(this.placeLiver(place));
      default:
        return null;
    }
  }

  /** The space bar: the tool once, at the crosshair, with its settings; contours and the ruler take a point. */
  apply(place: Vec3, normal: Vec3): string {
    const { settings, may_draw } = this.tools;
    if (settings.tool === 'ruler') return this.measurePoint(place);
    if (may_draw && settings.tool === 'isocontour')
      return new IsocontourDrag(this.canvas, place, settings.radius_mm).end();
    if (may_draw && settings.tool === 'freehand') return this.addPoint(place, normal);
    return this.press(place, normal)?.end() ?? '';
  }

  /** Enter or a double-click: closes the contour in the making and fills it. */
  finish(): string {
    const { settings } = this.tools;
    if (this.points.length === 0) return '';
    const contour = settings.tool === 'spline' ? closedSpline(distinct(this.points)) : this.points;
    const said = this.fill(contour);
    this.cancel();
    return said;
  }

  /** Escape: forgets the contour in the making and the ruler. */
  cancel(): void {
    this.points = [];
    this.tools.sketches.hide('contour');
    this.tools.sketches.hide('ruler');
  }

  private get canvas(): Canvas {
    const { reading, suv_bw, settings } = this.tools;
    return { reading, suv_bw, settings, geometry: this.tools.petGeometry() };
  }

  private lasso(start: Vec3, normal: Vec3): Gesture {
    this.points = [start];
    this.normal = normal;
    return {
      ball: null,
      moveTo: (place) => {
        this.points.push(place);
        this.showContour(this.points);
      },
      end: () => this.finish(),
    };
  }

  private addPoint(place: Vec3, normal: Vec3): string {
    if (this.points.length === 0) this.normal = normal;
    const closes = this.points.length > 2 && distanceMm(place, this.points[0]) < NEAR_MM;
    if (closes) return this.finish();
    this.points.push(place);
    this.showContour(this.tools.settings.tool === 'spline' ? closedSpline(this.points) : this.points);
    return this.points.length < 3 ? '' : 'Enter closes the contour, Escape drops it.';
  }

  private showContour(points: readonly Vec3[]): void {
    this.tools.sketches.show({ kind: 'contour', points: [...points], closed: points.length > 2 });
  }

  private fill(contour: readonly Vec3[]): string {
    const { reading, settings, petGeometry } = this.tools;
    const offsets = polygonOffsets(petGeometry(), contour, this.normal);
    if (offsets.length === 0) return 'The contour surrounds no voxel of the PET.';
    reading.begin();
    if (settings.take_away) reading.erase(offsets);
    else reading.paint(offsets);
    reading.end();
    return '';
  }

  private growRegion(place: Vec3): string {
    const { reading, suv_bw, settings, petGeometry } = this.tools;
    const seed = voxelOffsetAt(petGeometry(), place);
    if (seed === null) return 'There is no PET here.';
    const region = regionFrom(petGeometry(), suv_bw, seed, settings.tolerance, settings.bound_mm);
    reading.begin();
    reading.paint(region.offsets);
    reading.end();
    const range = `SUVbw ${formatSuvBw(region.seed_suv_bw)} ± ${formatNumber(settings.tolerance * 100, 0)} %`;
    const bound = region.stopped_by_bound ? `; stopped ${formatNumber(settings.bound_mm, 0)} mm from the seed` : '';
    return `Region of ${range}: ${region.offsets.length} voxels${bound}.`;
  }

  /** The liver sphere that was saved with the reading, measured anew now that every voxel is here. */
  restoreLiver(): void {
    const { reading, settings } = this.tools;
    const { contour } = settings;
    if (!reading.liver_lps_mm) return;
    this.placeLiver(reading.liver_lps_mm);
    if (contour.kind !== 'percist') settings.contour = contour;
    this.tools.settingsChanged();
  }

  private placeLiver(place: Vec3): string {
    const { reading, suv_bw, settings, sketches, body, petGeometry } = this.tools;
    const liver = liverReference(petGeometry(), suv_bw, place, body);
    if (typeof liver === 'string') return liver;
    reading.liver_lps_mm = place;
    settings.liver = liver;
    settings.contour = { kind: 'percist', suv_bw: liver.threshold_suv_bw };
    const text = `Liver SUL ${formatSuvBw(liver.sul_mean)} ± ${formatSuvBw(liver.sul_sd)}`;
    sketches.show({ kind: 'liver', points: [place], closed: true, radius_mm: LIVER_RADIUS_MM, text });
    this.tools.settingsChanged();
    return `${text}: the PERCIST threshold is SUL ${formatSuvBw(liver.threshold_sul)} (SUVbw ${formatSuvBw(liver.threshold_suv_bw)}).`;
  }

  private measureFrom(start: Vec3): Gesture {
    let last = start;
    const moveTo = (place: Vec3) => {
      last = place;
      this.showLength(start, place);
    };
    this.tools.sketches.hide('ruler');
    return { ball: null, moveTo, end: () => (last === start ? '' : lengthText(start, last)) };
  }

  private measurePoint(place: Vec3): string {
    const start = this.points.pop();
    if (!start) {
      this.points.push(place);
      return 'Move the crosshair and press Space again to measure from here.';
    }
    this.showLength(start, place);
    return lengthText(start, place);
  }

  private showLength(from: Vec3, to: Vec3): void {
    this.tools.sketches.show({ kind: 'ruler', points: [from, to], closed: false, text: lengthText(from, to) });
  }
}

const done = (said: string): Gesture => ({ ball: null, moveTo: () => undefined, end: () => said });
const distanceMm = (a: Vec3, b: Vec3) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const lengthText = (a: Vec3, b: Vec3) => `${formatMm(distanceMm(a, b))} mm`;

/** A double-click presses twice: the second point in the same place would make a kink. */
function distinct(points: readonly Vec3[]): Vec3[] {
  return points.filter((place, i) => i === 0 || distanceMm(place, points[i - 1]) > 0.01);
}
