// Which panes a layout shows: planes of fused, CT or PET images, and the rotating MIP.
export type Plane = 'axial' | 'coronal' | 'sagittal';
export type Content = 'fusion' | 'ct' | 'pet' | 'mip';
export type LayoutName = 'fusion' | 'ct' | 'pet' | 'compare';

export interface PaneDescription {
  readonly id: string;
  readonly plane: Plane;
  readonly content: Content;
}

const PLANES: readonly Plane[] = ['axial', 'coronal', 'sagittal'];
const MIP: PaneDescription = { id: 'mip', plane: 'coronal', content: 'mip' };
const row = (content: Content) =>
  PLANES.map((plane): PaneDescription => ({ id: `${content}-${plane}`, plane, content }));

export const LAYOUTS: Record<
  LayoutName,
  { readonly title: string; readonly key: string; readonly panes: readonly PaneDescription[] }
> = {
  fusion: { title: 'Fusion', key: '1', panes: [...row('fusion'), MIP] },
  ct: { title: 'CT', key: '2', panes: [...row('ct'), MIP] },
  pet: { title: 'PET', key: '3', panes: [...row('pet'), MIP] },
  compare: { title: 'Compare', key: '4', panes: [...row('ct'), ...row('pet'), ...row('fusion'), MIP] },
};

export const CONTENT_TITLES: Record<Content, string> = { fusion: 'PET/CT', ct: 'CT', pet: 'PET', mip: 'PET MIP' };
