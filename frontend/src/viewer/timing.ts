// Marks in the browser's own timeline, for the benchmark and for whoever looks into a slow opening with its tools.
import { Enums } from '@cornerstonejs/core';
import { type Moment, markOnce } from '../lib/moments';

/** Marks the moment at which the next picture drawn within `stage` can be on the screen. */
export function markNextImage(stage: HTMLElement, moment: Moment): void {
  const mark = () => requestAnimationFrame(() => markOnce(moment));
  // Cornerstone's events do not bubble, but they are captured on the way down.
  stage.addEventListener(Enums.Events.IMAGE_RENDERED, mark, { capture: true, once: true });
}
