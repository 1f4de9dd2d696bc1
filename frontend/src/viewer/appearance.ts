// How images look: CT windows, the PET's upper SUV and colours, the fusion's opacity.
import { Enums, type Types, utilities } from '@cornerstonejs/core';
import type { Content } from './layout';

export type PetColours = 'inverted grey' | 'hot iron';

export interface Appearance {
  ct_window: { readonly level_hu: number; readonly width_hu: number };
  suv_bw_upper: number;
  /** 0…1: share of the PET colour where uptake is high */
  fusion_opacity: number;
  pet_colours: PetColours;
  crosshair_shown: boolean;
}

// Customary reading windows (level, width in HU), as on clinical workstations.
export const CT_WINDOWS = [
  { title: 'Soft tissue', key: 'q', level_hu: 40, width_hu: 400 },
  { title: 'Lung', key: 'w', level_hu: -600, width_hu: 1500 },
  { title: 'Bone', key: 'e', level_hu: 400, width_hu: 1800 },
] as const;

export function initialAppearance(task: 'tumour' | 'bat'): Appearance {
  const suv_bw_upper = task === 'bat' ? 5 : 8;
  const [ct_window] = CT_WINDOWS;
  return { ct_window, suv_bw_upper, fusion_opacity: 0.6, pet_colours: 'inverted grey', crosshair_shown: true };
}

export const SUV_BW_UPPER = { min: 0.5, max: 100 };

/** The upper SUV within what can be shown, in steps that a reader can name. */
export function suvUpper(wanted: number): number {
  return Math.min(SUV_BW_UPPER.max, Math.max(SUV_BW_UPPER.min, Math.round(wanted * 10) / 10));
}

const HOT_IRON = 'PETRA hot iron';
const INVERTED_GREY = 'PETRA inverted grey';

export function registerColourMaps(): void {
  const register = (Name: string, RGBPoints: number[]) =>
    utilities.colormap.registerColormap({ ColorSpace: 'RGB', Name, RGBPoints });
  // As DICOM PS3.6 B.1.1 describes hot iron: red rises over the first half, green from the half on, blue at the end.
  register(HOT_IRON, [0, 0, 0, 0, 0.5, 1, 0, 0, 0.75, 1, 0.5, 0, 1, 1, 1, 1]);
  register(INVERTED_GREY, [0, 1, 1, 1, 1, 0, 0, 0]);
}

function showCt(
  viewport: Types.IVolumeViewport,
  volumeId: string,
  { ct_window: { level_hu, width_hu } }: Appearance,
): void {
  viewport.setProperties({ voiRange: { lower: level_hu - width_hu / 2, upper: level_hu + width_hu / 2 } }, volumeId);
}

// vtk.js corrects opacity for the sample distance: with its defaults an opacity of 0.98 shows the PET at 15 %.
function makeOpacityLinear(viewport: Types.IVolumeViewport, volumeId: string): void {
  const actor = viewport.getActors().find(({ referencedId }) => referencedId === volumeId)?.actor as never as {
    getMapper(): { setSampleDistance(mm: number): void; setMaximumSamplesPerRay(count: number): void };
    getProperty(): { setScalarOpacityUnitDistance(component: number, mm: number): void };
  };
  actor.getMapper().setSampleDistance(0.05);
  actor.getMapper().setMaximumSamplesPerRay(100_000);
  actor.getProperty().setScalarOpacityUnitDistance(0, 0.05);
}

function showFusedPet(
  viewport: Types.IVolumeViewport,
  volumeId: string,
  { suv_bw_upper, fusion_opacity }: Appearance,
): void {
  makeOpacityLinear(viewport, volumeId);
  const opacity = [
    { value: 0, opacity: 0 },
    { value: 0.1 * suv_bw_upper, opacity: 0.1 * fusion_opacity },
    { value: 0.4 * suv_bw_upper, opacity: fusion_opacity },
    { value: suv_bw_upper, opacity: fusion_opacity },
  ];
  viewport.setProperties(
    { voiRange: { lower: 0, upper: suv_bw_upper }, colormap: { name: HOT_IRON, opacity } },
    volumeId,
  );
}

function showPet(viewport: Types.IVolumeViewport, volumeId: string, { suv_bw_upper, pet_colours }: Appearance): void {
  const inverted = pet_colours === 'inverted grey';
  const background = inverted ? 1 : 0;
  viewport.getRenderer().setBackground(background, background, background);
  const name = inverted ? INVERTED_GREY : HOT_IRON;
  viewport.setProperties({ voiRange: { lower: 0, upper: suv_bw_upper }, colormap: { name, opacity: 1 } }, volumeId);
}

/** The volumes that a pane shows, for setVolumes. */
export function volumesOf(content: Content, ct: string, pet: string, mip_thickness_mm: number): Types.IVolumeInput[] {
  if (content === 'mip') {
    return [{ volumeId: pet, blendMode: Enums.BlendModes.MAXIMUM_INTENSITY_BLEND, slabThickness: mip_thickness_mm }];
  }
  const volumes = { ct: [ct], pet: [pet], fusion: [ct, pet] }[content];
  return volumes.map((volumeId) => ({ volumeId }));
}

export function applyAppearance(
  viewport: Types.IVolumeViewport,
  content: Content,
  ct: string,
  pet: string,
  look: Appearance,
): void {
  if (content === 'ct' || content === 'fusion') showCt(viewport, ct, look);
  if (content === 'fusion') showFusedPet(viewport, pet, look);
  if (content === 'pet' || content === 'mip') showPet(viewport, pet, look);
}
