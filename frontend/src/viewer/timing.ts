// The moment at which a picture can be seen.
import { Enums } from '@cornerstonejs/core';

// A page in the background draws nothing, and nothing must wait for it.
const PATIENCE_MS = 10_000;

/** When the next picture drawn within `stage` is on the screen. */
export function nextImage(stage: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    // Cornerstone's events do not bubble, but they are captured on the way down.
    const shown = () => requestAnimationFrame(() => resolve());
    stage.addEventListener(Enums.Events.IMAGE_RENDERED, shown, { capture: true, once: true });
    setTimeout(resolve, PATIENCE_MS);
  });
}
