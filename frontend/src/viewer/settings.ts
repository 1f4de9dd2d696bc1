// What the viewer remembers of a person, on the server: read when a case is opened, written shortly after each change.
//
// The server's answer is material to judge: what is missing or cannot be used is the default. Without the server the
// viewer works with defaults and says nothing, since nothing of a reading is lost.
import { getJson, putJson } from '../api/client';
import { type Appearance, CT_WINDOWS, initialAppearance, SUV_BW_UPPER } from './appearance';
import type { Threshold } from './isocontour';
import { isLayoutName, type LayoutName } from './layout';
import { MIP_SPEEDS_DEGREES_PER_S } from './mip';
import { initialTools, RADIUS_MM, type ToolSettings } from './tools';

/** As the API names them (docs/openapi.yaml, ViewerSettings); every one may be missing. */
export type StoredSettings = Partial<{
  layout: string;
  ct_level_hu: number;
  ct_width_hu: number;
  tumour_suv_bw_upper: number;
  bat_suv_bw_upper: number;
  fusion_opacity: number;
  pet_colours: string;
  crosshair_shown: boolean;
  brush_radius_mm: number;
  brush_is_sphere: boolean;
  brush_threshold_suv_bw: number;
  contour_kind: string;
  contour_fraction: number;
  contour_suv_bw: number;
  region_tolerance: number;
  region_bound_mm: number;
  margin_mm: number;
  island_ml: number;
  mip_degrees_per_s: number;
  mip_is_turning: boolean;
}>;

/** What the tools are set to, whichever is chosen; what belongs to one case (the liver) is not among it. */
export type RememberedTools = Pick<
  ToolSettings,
  'radius_mm' | 'sphere' | 'brush_threshold_suv_bw' | 'contour' | 'tolerance' | 'bound_mm' | 'margin_mm' | 'island_ml'
>;

export interface ViewerSettings {
  readonly layout: LayoutName;
  readonly appearance: Appearance;
  readonly tool: RememberedTools;
  readonly mip: { readonly degrees_per_s: number; readonly is_turning: boolean };
}

type Task = 'tumour' | 'bat';

const within = (value: unknown, min: number, max: number, otherwise: number): number =>
  typeof value === 'number' && value >= min && value <= max ? value : otherwise;
const flag = (value: unknown, otherwise: boolean): boolean => (typeof value === 'boolean' ? value : otherwise);

/** Settings that the viewer can use, whatever was stored. */
export function readSettings(stored: StoredSettings, task: Task): ViewerSettings {
  const initial = initialAppearance(task);
  const soft_tissue = CT_WINDOWS[0];
  const upper = task === 'bat' ? stored.bat_suv_bw_upper : stored.tumour_suv_bw_upper;
  return {
    layout: isLayoutName(stored.layout) ? stored.layout : 'fusion',
    appearance: {
      ct_window: {
        level_hu: within(stored.ct_level_hu, -4096, 4096, soft_tissue.level_hu),
        width_hu: within(stored.ct_width_hu, 1, 8192, soft_tissue.width_hu),
      },
      suv_bw_upper: within(upper, SUV_BW_UPPER.min, SUV_BW_UPPER.max, initial.suv_bw_upper),
      fusion_opacity: within(stored.fusion_opacity, 0, 1, initial.fusion_opacity),
      pet_colours: stored.pet_colours === 'hot iron' ? 'hot iron' : initial.pet_colours,
      crosshair_shown: flag(stored.crosshair_shown, true),
    },
    tool: readTools(stored),
    mip: {
      degrees_per_s: within(stored.mip_degrees_per_s, 1, 180, MIP_SPEEDS_DEGREES_PER_S[0]),
      is_turning: flag(stored.mip_is_turning, false),
    },
  };
}

function readTools(stored: StoredSettings): RememberedTools {
  const initial = initialTools({});
  return {
    radius_mm: within(stored.brush_radius_mm, RADIUS_MM.min, RADIUS_MM.max, initial.radius_mm),
    sphere: flag(stored.brush_is_sphere, initial.sphere),
    brush_threshold_suv_bw: within(stored.brush_threshold_suv_bw, 0.01, 100, initial.brush_threshold_suv_bw),
    contour: readContour(stored),
    tolerance: within(stored.region_tolerance, 0.01, 1, initial.tolerance),
    bound_mm: within(stored.region_bound_mm, 1, 1000, initial.bound_mm),
    margin_mm: within(stored.margin_mm, 0.1, 100, initial.margin_mm),
    island_ml: within(stored.island_ml, 0.01, 1000, initial.island_ml),
  };
}

/** PERCIST's threshold comes from each case's own liver: without it there is none yet. */
function readContour({ contour_kind, contour_fraction, contour_suv_bw }: StoredSettings): Threshold {
  if (contour_kind === 'percist') return { kind: 'percist', suv_bw: Number.NaN };
  if (contour_kind === 'fixed') return { kind: 'fixed', suv_bw: within(contour_suv_bw, 0.01, 100, 2.5) };
  return { kind: 'fraction', fraction: within(contour_fraction, 0.01, 1, 0.41) };
}

function storedContour(contour: Threshold): StoredSettings {
  if (contour.kind === 'fraction') return { contour_kind: contour.kind, contour_fraction: contour.fraction };
  if (contour.kind === 'fixed') return { contour_kind: contour.kind, contour_suv_bw: contour.suv_bw };
  return { contour_kind: contour.kind };
}

/** What to store: the settings as they are now, and the other task's upper SUV as it was. */
export function storedSettings(now: ViewerSettings, task: Task, before: StoredSettings): StoredSettings {
  const { ct_window, suv_bw_upper, fusion_opacity, pet_colours, crosshair_shown } = now.appearance;
  return {
    ...before,
    layout: now.layout,
    ct_level_hu: ct_window.level_hu,
    ct_width_hu: ct_window.width_hu,
    [task === 'bat' ? 'bat_suv_bw_upper' : 'tumour_suv_bw_upper']: suv_bw_upper,
    fusion_opacity,
    pet_colours,
    crosshair_shown,
    brush_radius_mm: now.tool.radius_mm,
    brush_is_sphere: now.tool.sphere,
    brush_threshold_suv_bw: now.tool.brush_threshold_suv_bw,
    ...storedContour(now.tool.contour),
    region_tolerance: now.tool.tolerance,
    region_bound_mm: now.tool.bound_mm,
    margin_mm: now.tool.margin_mm,
    island_ml: now.tool.island_ml,
    mip_degrees_per_s: now.mip.degrees_per_s,
    mip_is_turning: now.mip.is_turning,
  };
}

const PATIENCE_MS = 2000;
const SAVE_AFTER_MS = 1500;

/** The stored settings; none where the server has no answer in time. */
export async function fetchSettings(url: string): Promise<StoredSettings> {
  const late = new Promise<StoredSettings>((resolve) => setTimeout(() => resolve({}), PATIENCE_MS));
  const answer = getJson<StoredSettings>(url).catch(() => ({}));
  return Promise.race([answer, late]);
}

/** Writes the settings some time after the last change, and at once when the page is left. */
export class SettingsKeeper {
  private kept: string;
  private timer = 0;

  constructor(
    private readonly url: string,
    private readonly csrf_token: string,
    private readonly now: () => StoredSettings,
  ) {
    this.kept = JSON.stringify(now());
    addEventListener('pagehide', () => void this.save());
  }

  note(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  private async save(): Promise<void> {
    clearTimeout(this.timer);
    const values = this.now();
    const text = JSON.stringify(values);
    if (text === this.kept) return;
    this.kept = text;
    await putJson(this.url, values, this.csrf_token, true).catch(() => {
      this.kept = '';
    });
  }
}
