// How images are to look: CT windows, the PET's upper SUV and colours, the fusion's opacity, the crosshair.

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
