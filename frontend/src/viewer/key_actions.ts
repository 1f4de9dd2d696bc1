// Which key does what in the viewer.
import { CT_WINDOWS } from './appearance';
import type { KeyAction } from './keyboard';
import { LAYOUTS, type LayoutName } from './layout';
import type { PetOffset } from './pet_offset';
import type { Reading } from './reading';
import type { Pane, Scene } from './scene';
import type { Toolbox } from './toolbox';
import { TOOLS } from './tools';

export interface Controlled {
  readonly scene: Scene;
  readonly reading: Reading;
  readonly toolbox: Toolbox;
  readonly offset: PetOffset | null;
  readonly may_draw: boolean;
  restyle: Scene['restyle'];
  showLayout(name: LayoutName): void;
  paneInUse(): Pane;
  maximise(): void;
}

const key = (keys: string | string[], shown: string, meaning: string, act: () => void): KeyAction => ({
  keys: [keys].flat(),
  shown,
  meaning,
  act,
});

function displayKeys({ scene, restyle, showLayout, paneInUse, maximise }: Controlled): KeyAction[] {
  const { appearance } = scene;
  const layouts = Object.entries(LAYOUTS).map(([name, layout]) =>
    key(layout.key, layout.key, `Layout: ${layout.title}`, () => showLayout(name as LayoutName)),
  );
  const windows = CT_WINDOWS.map((preset) =>
    key(preset.key, preset.key.toUpperCase(), `CT window: ${preset.title.toLowerCase()}`, () =>
      restyle({ ct_window: preset }),
    ),
  );
  const upper = (change: number) => () => restyle({ suv_bw_upper: Math.max(0.5, appearance.suv_bw_upper + change) });
  const opacity = (change: number) => () =>
    restyle({ fusion_opacity: Math.min(1, Math.max(0, appearance.fusion_opacity + change)) });
  const turn = () => restyle({ pet_colours: appearance.pet_colours === 'hot' ? 'inverted grey' : 'hot' });
  return [
    ...layouts,
    ...windows,
    key(['arrowup', 'arrowright'], '↑', 'Next slice in the pane last used', () => scene.step(paneInUse(), 1)),
    key(['arrowdown', 'arrowleft'], '↓', 'Previous slice', () => scene.step(paneInUse(), -1)),
    key('f', 'F', 'One pane alone, and back (double-click)', maximise),
    key(['+', '='], '+', 'Higher upper SUV', upper(1)),
    key('-', '−', 'Lower upper SUV', upper(-1)),
    key('.', '.', 'More PET in the fusion', opacity(0.1)),
    key(',', ',', 'Less PET in the fusion', opacity(-0.1)),
    key('i', 'I', 'PET colours: inverted grey or hot', turn),
  ];
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
  return [...displayKeys(controlled), ...tools, ...drawing, ...(offset ? offsetKeys(offset) : [])];
}
