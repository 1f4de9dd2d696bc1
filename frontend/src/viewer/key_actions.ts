// Which key does what in the viewer.
import { displayKeys, type DisplayControlled } from './display_keys';
import { inGroup, type KeyAction, key } from './keyboard';
import type { PetOffset } from './pet_offset';
import type { Reading } from './reading';
import type { Toolbox } from './toolbox';
import { TOOLS } from './tools';

export interface Controlled extends DisplayControlled {
  readonly reading: Reading;
  readonly toolbox: Toolbox;
  readonly offset: PetOffset | null;
  readonly may_draw: boolean;
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
    key(letter, letter.toUpperCase(), title, () => toolbox.choose(name)),
  );
  const drawing = may_draw ? drawingKeys(controlled) : [];
  return [
    ...displayKeys(controlled),
    ...inGroup('Tools', tools),
    ...inGroup('Drawing', drawing),
    ...inGroup('PET offset', offset ? offsetKeys(offset) : []),
  ];
}
