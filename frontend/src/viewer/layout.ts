// Which panes a hanging preset shows: planes of fused, CT or PET images, the rotating MIP, and whose contours lie on each.
export type Plane = 'axial' | 'coronal' | 'sagittal';
export type Content = 'fusion' | 'ct' | 'pet' | 'mip';
export type LayoutName = 'pet' | 'ct' | 'fusion' | 'compare' | 'all';
/** own: the reading that the page is about; other: the one beside which it is laid; none: images alone */
export type Contours = 'own' | 'other' | 'none';

export interface PaneDescription {
  readonly id: string;
  readonly plane: Plane;
  readonly content: Content;
  readonly contours: Contours;
}

export interface Layout {
  readonly title: string;
  readonly help: string;
  readonly key: string;
  readonly panes: readonly PaneDescription[];
}

const PLANES: readonly Plane[] = ['axial', 'coronal', 'sagittal'];
const MIP: PaneDescription = { id: 'mip', plane: 'coronal', content: 'mip', contours: 'none' };

const pane = (content: Content, plane: Plane): PaneDescription => ({
  id: `${content}-${plane}`,
  plane,
  content,
  contours: 'own',
});
const planes = (content: Content) => PLANES.map((plane) => pane(content, plane));
const beside = (description: PaneDescription, contours: Contours): PaneDescription => ({
  ...description,
  id: `other-${description.id}`,
  contours,
});

// One reading on the left and the other on the right; where there is no other, the images without contours.
function comparison(contours: Contours): PaneDescription[] {
  const shown = [pane('fusion', 'axial'), pane('pet', 'axial'), pane('fusion', 'coronal')];
  return [...shown, ...shown.map((description) => beside(description, contours))];
}

export const LAYOUTS: Record<LayoutName, Layout> = {
  pet: {
    title: 'PET read',
    help: 'PET in three planes, the fused axial plane and a tall MIP',
    key: '1',
    panes: [MIP, pane('pet', 'axial'), pane('fusion', 'axial'), pane('pet', 'coronal'), pane('pet', 'sagittal')],
  },
  ct: {
    title: 'CT read',
    help: 'CT in three planes with the fused axial plane',
    key: '2',
    panes: [...planes('ct'), pane('fusion', 'axial')],
  },
  fusion: { title: 'Fusion', help: 'Fused in three planes, with the MIP', key: '3', panes: [...planes('fusion'), MIP] },
  compare: {
    title: 'Compare readings',
    help: 'Two readings side by side, or one beside the bare images',
    key: '4',
    panes: comparison('other'),
  },
  all: {
    title: 'All planes',
    help: 'CT, PET and fused in three planes, with the MIP',
    key: '5',
    panes: [...planes('ct'), ...planes('pet'), ...planes('fusion'), MIP],
  },
};

export const isLayoutName = (name: unknown): name is LayoutName =>
  typeof name === 'string' && Object.hasOwn(LAYOUTS, name);

export const CONTENT_TITLES: Record<Content, string> = { fusion: 'PET/CT', ct: 'CT', pet: 'PET', mip: 'PET MIP' };
