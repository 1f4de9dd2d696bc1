// Moments of a page's opening, in the browser's own timeline: for the benchmark, and for work that can wait for one.
export type Moment = 'petra:first-image' | 'petra:loaded';

const hasPassed = (moment: Moment) => performance.getEntriesByName(moment).length > 0;

/** Marks a moment of the opening; later layouts have first images too, and only the first counts. */
export function markOnce(moment: Moment): void {
  if (hasPassed(moment)) return;
  performance.mark(moment);
  document.dispatchEvent(new Event(moment));
}

/** Acts once the moment has passed: what asks the server for nothing that the opening needs stays out of its way. */
export function after(moment: Moment, act: () => void): void {
  if (hasPassed(moment)) act();
  else document.addEventListener(moment, act, { once: true });
}
