// The system may take the graphics away (driver reset, sleep, too many tabs): drawing waits and comes back on new ones.
//
// Nothing of a reading lives on the graphics card, so nothing can be lost with it: strokes are arrays of this page, and
// saving goes on meanwhile.
import { Enums, eventTarget } from '@cornerstonejs/core';
import type { Screen } from './screen';
import { hasWebGl } from './webgl';

// Browsers give a context back after a moment; if this one does not, another may be had.
const PATIENCE_MS = 4000;

/** Watches for the page's life; `withoutGraphics` is called when none can be had again. */
export function watchGraphics(screen: Screen, withoutGraphics: () => void): void {
  const { scene, messages } = screen;
  let timer = 0;
  const comeBack = async () => {
    clearTimeout(timer);
    if (!scene.graphics_lost) return;
    if (!hasWebGl()) return withoutGraphics();
    scene.graphics_lost = false;
    try {
      await screen.rebuild();
      messages.say('The graphics are back. Nothing that you drew was lost.');
    } catch {
      withoutGraphics();
    }
  };
  const on = (name: string, act: () => void) => eventTarget.addEventListener(name, act as EventListener);
  on(Enums.Events.WEBGL_CONTEXT_LOST, () => {
    if (scene.graphics_lost) return;
    scene.graphics_lost = true;
    messages.say('The graphics were lost for a moment; what you drew is safe. Waiting for them to come back.', true);
    timer = window.setTimeout(() => void comeBack(), PATIENCE_MS);
  });
  on(Enums.Events.WEBGL_CONTEXT_RESTORED, () => void comeBack());
}
