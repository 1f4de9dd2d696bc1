// The side panel's edits of the active lesion: a row of buttons each, with the number that it works with.
import { el } from '../lib/dom';
import { numberField } from './fields';
import type { LesionEdits } from './lesion_edits';
import type { ToolSettings } from './tools';

export function editPanel(edits: LesionEdits, settings: ToolSettings, say: (message: string) => void): HTMLElement {
  const button = (title: string, keys: string, help: string, act: () => string) =>
    el(
      'button',
      { type: 'button', class: 'btn btn-sm', title: keys ? `${help} (${keys})` : help, onclick: () => say(act()) },
      title,
    );
  const row = (...content: Node[]) => el('div', { class: 'viewer-edit-row' }, ...content);
  return el(
    'div',
    { class: 'viewer-edits' },
    numberField('Margin', settings.margin_mm, 'mm', 0.5, (mm) => {
      settings.margin_mm = mm;
    }),
    row(
      button('Grow', '}', 'Add all voxels within the margin', () => edits.grow()),
      button('Shrink', '{', 'Take away voxels within the margin of the edge', () => edits.shrink()),
    ),
    numberField('Islands', settings.island_ml, 'ml', 0.1, (ml) => {
      settings.island_ml = ml;
    }),
    row(
      button('Remove smaller', 'Shift I', 'Remove parts of less than this volume', () => edits.removeIslands()),
      button('Keep largest', 'Shift L', 'Remove all parts but the largest', () => edits.keepLargest()),
    ),
    row(
      button('Fill holes', 'Shift H', 'Fill what the lesion encloses, also within slices', () => edits.fillHoles()),
      button('Interpolate', 'Y', 'Fill the empty slices between drawn ones', () => edits.interpolate()),
    ),
    row(
      button('Copy previous', 'Shift B', 'Add what the lesion has in the slice before', () => edits.copyFrom(-1)),
      button('Copy next', 'Shift N', 'Add what the lesion has in the slice after', () => edits.copyFrom(1)),
    ),
  );
}
