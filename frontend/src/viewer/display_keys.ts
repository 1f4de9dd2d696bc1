// The keys with which a case is looked at: layout and panes, crosshair, slices, zoom, pan, windows and the MIP.
import { CT_WINDOWS, suvUpper } from './appearance';
import { fitAll, nudgeCursor, pan, zoom } from './camera_moves';
import { inGroup, type KeyAction, key } from './keyboard';
import { LAYOUTS, type LayoutName } from './layout';
import type { Pane, Scene } from './scene';

export interface DisplayControlled {
  readonly scene: Scene;
  restyle: Scene['restyle'];
  showLayout(name: LayoutName): void;
  paneInUse(): Pane;
  usePane(steps: number): void;
  maximise(): void;
  toggleContours(): void;
  readonly mip: { toggle(): void; turn(degrees: number): void; nextSpeed(): void };
}

const FAR = 100_000;
const PAN_SHARE = 0.05;
const HU_STEP = 20;

function layoutKeys({ showLayout, usePane, maximise, toggleContours, scene, restyle }: DisplayControlled): KeyAction[] {
  const layouts = Object.entries(LAYOUTS).map(([name, layout]) =>
    key(layout.key, layout.key, layout.title, () => showLayout(name as LayoutName)),
  );
  const crosshair = () => restyle({ crosshair_shown: !scene.appearance.crosshair_shown });
  return [
    ...layouts,
    key('p', 'P', 'Next pane: keys act on it', () => usePane(1)),
    key('shift+p', 'Shift P', 'Previous pane', () => usePane(-1)),
    key('f', 'F', 'This pane alone, and back (double-click)', maximise),
    key('h', 'H', 'Hide or show the crosshair', crosshair),
    key('o', 'O', 'Hide or show contours', toggleContours),
  ];
}

function movingKeys({ scene, paneInUse }: DisplayControlled): KeyAction[] {
  const step = (slices: number) => () => scene.step(paneInUse(), slices);
  const nudge = (right: number, up: number) => () => nudgeCursor(scene, paneInUse(), right, up);
  const shift = (right: number, up: number) => () => pan(scene, paneInUse(), right * PAN_SHARE, up * PAN_SHARE);
  return [
    key(['arrowup', 'arrowright'], '↑', 'Next slice (wheel)', step(1)),
    key(['arrowdown', 'arrowleft'], '↓', 'Previous slice', step(-1)),
    key('pageup', 'PgUp', '10 slices on', step(10)),
    key('pagedown', 'PgDn', '10 slices back', step(-10)),
    key('home', 'Home', 'First slice', step(-FAR)),
    key('end', 'End', 'Last slice', step(FAR)),
    key('ctrl+arrowleft', 'Ctrl ←', 'Crosshair to the left', nudge(-1, 0)),
    key('ctrl+arrowright', 'Ctrl →', 'Crosshair to the right', nudge(1, 0)),
    key('ctrl+arrowup', 'Ctrl ↑', 'Crosshair up', nudge(0, 1)),
    key('ctrl+arrowdown', 'Ctrl ↓', 'Crosshair down', nudge(0, -1)),
    key('z', 'Z', 'Zoom in (Ctrl and wheel, right button)', () => zoom(scene, paneInUse(), 1.25)),
    key('shift+z', 'Shift Z', 'Zoom out', () => zoom(scene, paneInUse(), 0.8)),
    key('ctrl+shift+arrowleft', 'Ctrl Shift ←', 'Pan left (middle button)', shift(-1, 0)),
    key('ctrl+shift+arrowright', 'Ctrl Shift →', 'Pan right', shift(1, 0)),
    key('ctrl+shift+arrowup', 'Ctrl Shift ↑', 'Pan up', shift(0, 1)),
    key('ctrl+shift+arrowdown', 'Ctrl Shift ↓', 'Pan down', shift(0, -1)),
    key('0', '0', 'Fit images into all panes', () => fitAll(scene)),
  ];
}

function imageKeys({ scene, restyle }: DisplayControlled): KeyAction[] {
  const { appearance } = scene;
  const windows = CT_WINDOWS.map((preset) =>
    key(preset.key, preset.key.toUpperCase(), `CT window: ${preset.title.toLowerCase()}`, () =>
      restyle({ ct_window: preset }),
    ),
  );
  const window = (level: number, width: number) => () => {
    const { level_hu, width_hu } = appearance.ct_window;
    restyle({ ct_window: { level_hu: level_hu + level, width_hu: Math.max(1, width_hu + width) } });
  };
  const upper = (change: number) => () => restyle({ suv_bw_upper: suvUpper(appearance.suv_bw_upper + change) });
  const opacity = (change: number) => () => {
    const wanted = Math.round((appearance.fusion_opacity + change) * 20) / 20;
    restyle({ fusion_opacity: Math.min(1, Math.max(0, wanted)) });
  };
  const other = { 'hot iron': 'inverted grey', 'inverted grey': 'hot iron' } as const;
  return [
    ...windows,
    key('6', '6', 'CT level lower', window(-HU_STEP, 0)),
    key('7', '7', 'CT level higher', window(HU_STEP, 0)),
    key('8', '8', 'CT window narrower', window(0, -HU_STEP)),
    key('9', '9', 'CT window wider', window(0, HU_STEP)),
    key(['+', '='], '+', 'Higher upper SUV (Alt and wheel)', upper(0.5)),
    key('-', '−', 'Lower upper SUV', upper(-0.5)),
    key('.', '.', 'More PET in the fusion', opacity(0.1)),
    key(',', ',', 'Less PET in the fusion', opacity(-0.1)),
    key('i', 'I', 'PET in inverted grey or hot iron', () => restyle({ pet_colours: other[appearance.pet_colours] })),
  ];
}

function mipKeys({ mip }: DisplayControlled): KeyAction[] {
  return [
    key('m', 'M', 'Turn the MIP, or stop it', () => mip.toggle()),
    key('shift+m', 'Shift M', 'Turning speed', () => mip.nextSpeed()),
    key('j', 'J', 'Turn by 10° (drag, wheel)', () => mip.turn(-10)),
    key('k', 'K', 'Turn by 10° the other way', () => mip.turn(10)),
  ];
}

export function displayKeys(controlled: DisplayControlled): KeyAction[] {
  return [
    ...inGroup('Layout and panes', layoutKeys(controlled)),
    ...inGroup('Moving', movingKeys(controlled)),
    ...inGroup('Images', imageKeys(controlled)),
    ...inGroup('MIP', mipKeys(controlled)),
  ];
}
