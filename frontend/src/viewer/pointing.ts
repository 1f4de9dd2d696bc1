// The pointer in a pane: left button for the chosen tool, wheel for slices; pan (middle) and zoom (right) are Cornerstone's.
import { addTool, Enums, PanTool, ToolGroupManager, ZoomTool } from '@cornerstonejs/tools';
import type { Geometry, Vec3 } from '../lib/lps';
import { suvUpper } from './appearance';
import { zoom } from './camera_moves';
import { LIVER_RADIUS_MM } from './drawing/percist';
import type { Hand } from './hand';
import { dragMip, hottestAlong } from './mip';
import type { Overlay } from './overlay';
import type { Pane, Scene } from './scene';
import type { Gesture } from './strokes';
import { RADIUS_MM, TOOLS, type ToolName, type ToolSettings } from './tools';

export interface Pointing {
  readonly scene: Scene;
  readonly hand: Hand;
  readonly settings: ToolSettings;
  readonly suv_bw: Float32Array;
  readonly mayDraw: boolean;
  overlays(): readonly Overlay[];
  petGeometry(): Geometry;
  restyle: Scene['restyle'];
  hover(place: Vec3 | null): void;
  say(message: string): void;
}

const GROUP = 'petra';
const PAINTING: ReadonlySet<ToolName> = new Set(['brush', 'threshold', 'eraser']);

/** Pan with the middle button (or Ctrl and left), zoom with the right one, on these panes. */
export function usePanAndZoom(panes: readonly Pane[]): void {
  ToolGroupManager.destroyToolGroup(GROUP);
  const group = ToolGroupManager.createToolGroup(GROUP);
  if (!group) return;
  const { MouseBindings, KeyboardBindings } = Enums;
  addToolOnce(PanTool);
  addToolOnce(ZoomTool);
  group.addTool(PanTool.toolName);
  group.addTool(ZoomTool.toolName);
  for (const { description } of panes) group.addViewport(description.id, 'petra');
  group.setToolActive(PanTool.toolName, {
    bindings: [
      { mouseButton: MouseBindings.Auxiliary },
      { mouseButton: MouseBindings.Primary, modifierKey: KeyboardBindings.Ctrl },
    ],
  });
  group.setToolActive(ZoomTool.toolName, { bindings: [{ mouseButton: MouseBindings.Secondary }] });
}

const known = new Set<unknown>();
function addToolOnce(tool: typeof PanTool | typeof ZoomTool): void {
  if (!known.has(tool)) addTool(tool);
  known.add(tool);
}

export function listenToPointer(pane: Pane, overlay: Overlay, pointing: Pointing): void {
  const { element } = pane;
  const drag = new Drag(pane, overlay, pointing);
  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const { scene, restyle } = pointing;
      if (event.altKey)
        restyle({ suv_bw_upper: suvUpper(scene.appearance.suv_bw_upper - Math.sign(event.deltaY) * 0.5) });
      else if (event.ctrlKey) zoom(scene, pane, event.deltaY < 0 ? 1.15 : 1 / 1.15);
      else if (pane.description.content === 'mip') dragMip(scene, pane, Math.sign(event.deltaY) * 12);
      else pointing.scene.step(pane, Math.sign(event.deltaY) * (event.shiftKey ? 5 : 1));
      drag.hover(event);
    },
    { passive: false },
  );
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || event.ctrlKey) return;
    element.setPointerCapture(event.pointerId);
    drag.start(event);
  });
  element.addEventListener('pointermove', (event) => drag.move(event));
  element.addEventListener('pointerup', () => drag.end());
  element.addEventListener('pointercancel', () => drag.end());
  element.addEventListener('pointerleave', () => drag.leave());
}

class Drag {
  private gesture: Gesture | null = null;
  private pressed: { x: number; y: number; travelled: number } | null = null;

  constructor(
    private readonly pane: Pane,
    private readonly overlay: Overlay,
    private readonly pointing: Pointing,
  ) {}

  start(event: PointerEvent): void {
    const { scene, hand, settings } = this.pointing;
    this.pressed = { x: event.clientX, y: event.clientY, travelled: 0 };
    if (this.isMip) return;
    const place = scene.worldAt(this.pane, event);
    this.gesture = hand.press(place, scene.normalOf(this.pane));
    if (settings.tool === 'navigate') scene.moveTo(place);
    this.hover(event);
  }

  move(event: PointerEvent): void {
    if (this.pressed) this.dragBy(event, event.clientX - this.pressed.x, event.clientY - this.pressed.y);
    this.hover(event);
  }

  private dragBy(event: PointerEvent, dx: number, dy: number): void {
    const { scene, settings } = this.pointing;
    const travelled = (this.pressed?.travelled ?? 0) + Math.abs(dx) + Math.abs(dy);
    this.pressed = { x: event.clientX, y: event.clientY, travelled };
    if (this.isMip) dragMip(scene, this.pane, dx);
    else if (this.gesture) this.gesture.moveTo(scene.worldAt(this.pane, event));
    else if (settings.tool === 'navigate') scene.moveTo(scene.worldAt(this.pane, event));
    else if (settings.tool === 'window') this.changeWindow(dx, dy);
  }

  end(): void {
    const said = this.gesture?.end();
    if (said) this.pointing.say(said);
    if (this.isMip && this.pressed && this.pressed.travelled < 4) this.goToHottest();
    this.gesture = null;
    this.pressed = null;
  }

  hover(event: MouseEvent): void {
    const { scene } = this.pointing;
    this.pointing.hover(this.isMip ? null : scene.worldAt(this.pane, event));
    this.drawRing(event);
  }

  leave(): void {
    this.pointing.hover(null);
    for (const overlay of this.pointing.overlays()) overlay.showRing(0, 0, 0);
  }

  // A sphere is drawn in every plane that it cuts, a disc only where it is drawn.
  private drawRing(event: MouseEvent): void {
    const { scene, settings, overlays } = this.pointing;
    for (const overlay of overlays()) overlay.showRing(0, 0, 0);
    if (!this.draws || this.isMip) return;
    const ball = this.gesture?.ball ?? this.ballUnderPointer(scene.worldAt(this.pane, event));
    if (ball) {
      for (const overlay of overlays()) if (!overlay.isMip) overlay.showBall(ball.centre_lps_mm, ball.radius_mm);
      return;
    }
    if (!PAINTING.has(settings.tool)) return;
    const { left, top } = this.pane.element.getBoundingClientRect();
    this.overlay.showRing(event.clientX - left, event.clientY - top, settings.radius_mm * scene.pixelsPerMm(this.pane));
  }

  private ballUnderPointer(centre_lps_mm: Vec3): Gesture['ball'] {
    const { tool, sphere, radius_mm } = this.pointing.settings;
    if (tool === 'isocontour') return { centre_lps_mm, radius_mm: RADIUS_MM.min };
    if (tool === 'liver') return { centre_lps_mm, radius_mm: LIVER_RADIUS_MM };
    return sphere && PAINTING.has(tool) ? { centre_lps_mm, radius_mm } : null;
  }

  private changeWindow(dx: number, dy: number): void {
    const { scene, restyle } = this.pointing;
    const { appearance } = scene;
    if (this.pane.description.content === 'pet') {
      restyle({ suv_bw_upper: suvUpper(appearance.suv_bw_upper - dy / 10) });
      return;
    }
    const { level_hu, width_hu } = appearance.ct_window;
    restyle({ ct_window: { level_hu: level_hu + dy * 2, width_hu: Math.max(1, width_hu + dx * 4) } });
  }

  private goToHottest(): void {
    const { scene, suv_bw } = this.pointing;
    if (!this.pressed) return;
    const through = scene.worldAt(
      this.pane,
      new MouseEvent('click', { clientX: this.pressed.x, clientY: this.pressed.y }),
    );
    const found = hottestAlong(this.pointing.petGeometry(), suv_bw, through, scene.normalOf(this.pane));
    if (found) scene.moveTo(found);
  }

  private get isMip(): boolean {
    return this.pane.description.content === 'mip';
  }

  private get draws(): boolean {
    const { settings, mayDraw } = this.pointing;
    if (this.pane.description.contours !== 'own') return false;
    return mayDraw && TOOLS.some(({ name, draws }) => name === settings.tool && draws);
  }
}
