// The tools of the left mouse button (and of the space bar at the crosshair), and their settings.
import type { LiverReference } from './drawing/percist';
import type { Threshold } from './isocontour';

export type ToolName =
  | 'navigate'
  | 'window'
  | 'brush'
  | 'eraser'
  | 'threshold'
  | 'isocontour'
  | 'freehand'
  | 'spline'
  | 'region'
  | 'liver'
  | 'ruler';

export interface ToolDescription {
  readonly name: ToolName;
  readonly title: string;
  readonly key: string;
  readonly icon: string;
  /** Only for who may draw */
  readonly draws: boolean;
  readonly help: string;
}

const tool = (name: ToolName, title: string, key: string, icon: string, draws: boolean, help: string) => ({
  name,
  title,
  key,
  icon,
  draws,
  help,
});

export const TOOLS: readonly ToolDescription[] = [
  tool('navigate', 'Navigate', 'n', 'target', false, 'Click or drag to place the crosshair in every pane'),
  tool('window', 'Window', 'l', 'contrast', false, 'Drag sideways for width, up and down for level'),
  tool('ruler', 'Ruler', 'u', 'ruler-2', false, 'Drag to measure a length in mm'),
  tool('brush', 'Brush', 'b', 'brush', true, 'Paint into the active lesion'),
  tool('threshold', 'SUV brush', 't', 'flame', true, 'Paint only voxels at or above the SUV threshold'),
  tool('eraser', 'Eraser', 'x', 'eraser', true, 'Take voxels away'),
  tool(
    'isocontour',
    'Isocontour',
    'c',
    'circle-dashed',
    true,
    'Drag a sphere around uptake; fills what reaches the threshold',
  ),
  tool('region', 'Region', 'r', 'bucket-droplet', true, 'Click uptake; fills what is joined to it and alike in SUV'),
  tool('freehand', 'Freehand', 'd', 'lasso', true, 'Draw around the lesion; the closed line is filled'),
  tool(
    'spline',
    'Spline',
    'shift+d',
    'vector-spline',
    true,
    'Click points around the lesion; Enter or a double-click closes the curve',
  ),
  tool(
    'liver',
    'Liver',
    'v',
    'sphere',
    true,
    'Click the right lobe of the liver: a sphere of 3 cm, the reference of PERCIST',
  ),
];

export interface ToolSettings {
  tool: ToolName;
  radius_mm: number;
  sphere: boolean;
  brush_threshold_suv_bw: number;
  contour: Threshold;
  liver: LiverReference | null;
  /** The eraser takes from every lesion, not only from the active one */
  erase_every: boolean;
  /** Freehand and spline take what they surround away */
  take_away: boolean;
  /** Region growing: share of the seed's SUV by which a voxel may differ */
  tolerance: number;
  bound_mm: number;
  margin_mm: number;
  island_ml: number;
}

export function initialTools(remembered: Partial<ToolSettings>): ToolSettings {
  return {
    tool: 'navigate',
    radius_mm: 10,
    sphere: false,
    brush_threshold_suv_bw: 2.5,
    contour: { kind: 'fraction', fraction: 0.41 },
    liver: null,
    erase_every: false,
    take_away: false,
    tolerance: 0.4,
    bound_mm: 40,
    margin_mm: 4,
    island_ml: 0.5,
    ...remembered,
  };
}

export const RADIUS_MM = { min: 2, max: 60, step: 1 };

/** A key as the pages write it: "Shift D" for shift+d. */
export const shownKey = (keys: string): string =>
  keys.startsWith('shift+') ? `Shift ${keys.slice(6).toUpperCase()}` : keys.toUpperCase();
