// Gives Cornerstone's volumes the chosen windows, colours and opacities.
import { Enums, type Types, utilities } from '@cornerstonejs/core';
import type { Appearance } from './appearance';
import type { Content } from './layout';

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
