// Which key does what in the viewer.
import { nextThreshold } from './contour_options';
import { type DisplayControlled, displayKeys } from './display_keys';
import type { Hand } from './hand';
import { inGroup, type KeyAction, key } from './keyboard';
import type { LesionEdits } from './lesion_edits';
import type { PetOffset } from './pet_offset';
import type { Reading } from './reading';
import type { Toolbox } from './toolbox';
import { shownKey, TOOLS, type ToolSettings } from './tools';

export interface Controlled extends DisplayControlled {
  readonly reading: Reading;
  readonly toolbox: Toolbox;
  readonly offset: PetOffset | null;
  readonly may_draw: boolean;
  readonly hand: Hand;
  readonly edits: LesionEdits;
  readonly settings: ToolSettings;
  applyAtCrosshair(): void;
  say(message: string): void;
}

function drawingKeys({ reading, toolbox }: Controlled): KeyAction[] {
  return [
    key(']', ']', 'Larger brush', () => toolbox.resize(1)),
    key('[', '[', 'Smaller brush', () => toolbox.resize(-1)),
    key('s', 'S', 'Disc or sphere', () => toolbox.toggleSphere()),
    key('a', 'A', 'New lesion', () => reading.addLesion()),
    key('ctrl+z', 'Ctrl Z', 'Undo', () => reading.undo()),
    key(['ctrl+y', 'ctrl+shift+z'], 'Ctrl Y', 'Redo', () => reading.redo()),
  ];
}

/** Drawing without a mouse: Ctrl and arrows move the crosshair, the space bar applies the tool there. */
function applyKeys({ hand, applyAtCrosshair, say }: Controlled): KeyAction[] {
  return [
    key(' ', 'Space', 'Apply the tool at the crosshair', applyAtCrosshair),
    key('enter', 'Enter', 'Close the contour', () => say(hand.finish())),
    key('escape', 'Esc', 'Drop the contour or the ruler', () => hand.cancel()),
  ];
}

function editKeys({ edits, say, toolbox, settings }: Controlled): KeyAction[] {
  const edit = (keys: string, shown: string, meaning: string, act: () => string) =>
    key(keys, shown, meaning, () => say(act()));
  const threshold = () => {
    nextThreshold(settings);
    toolbox.choose('isocontour');
  };
  return [
    edit('}', '}', 'Grow the lesion by the margin', () => edits.grow()),
    edit('{', '{', 'Shrink the lesion by the margin', () => edits.shrink()),
    edit('shift+h', 'Shift H', 'Fill holes', () => edits.fillHoles()),
    edit('shift+l', 'Shift L', 'Keep the largest part', () => edits.keepLargest()),
    edit('shift+i', 'Shift I', 'Remove islands', () => edits.removeIslands()),
    edit('y', 'Y', 'Interpolate between drawn slices', () => edits.interpolate()),
    edit('shift+b', 'Shift B', 'Copy from the slice before', () => edits.copyFrom(-1)),
    edit('shift+n', 'Shift N', 'Copy from the next slice', () => edits.copyFrom(1)),
    key('shift+t', 'Shift T', 'Next threshold of the isocontour', threshold),
    key('shift+x', 'Shift X', 'Eraser: every lesion; contours: take away', () => toolbox.toggleMode()),
  ];
}

function offsetKeys(offset: PetOffset): KeyAction[] {
  const nudge = (keys: string, shown: string, meaning: string, axis: 0 | 1 | 2, steps: number) =>
    key(`shift+${keys}`, `Shift ${shown}`, `Move the PET 1 mm to ${meaning}`, () => offset.nudge(axis, steps));
  return [
    nudge('arrowright', '→', 'the left', 0, 1),
    nudge('arrowleft', '←', 'the right', 0, -1),
    nudge('arrowdown', '↓', 'the back', 1, 1),
    nudge('arrowup', '↑', 'the front', 1, -1),
    nudge('pageup', 'PgUp', 'the head', 2, 1),
    nudge('pagedown', 'PgDn', 'the feet', 2, -1),
  ];
}

export function keyActions(controlled: Controlled): KeyAction[] {
  const { toolbox, may_draw, offset } = controlled;
  const tools = TOOLS.filter(({ draws }) => may_draw || !draws).map(({ name, title, key: letter }) =>
    key(letter, shownKey(letter), title, () => toolbox.choose(name)),
  );
  const drawing = may_draw ? [...drawingKeys(controlled), ...editKeys(controlled)] : [];
  return [
    ...displayKeys(controlled),
    ...inGroup('Tools', [...tools, ...applyKeys(controlled)]),
    ...inGroup('Drawing', drawing),
    ...inGroup('PET offset', offset ? offsetKeys(offset) : []),
  ];
}
