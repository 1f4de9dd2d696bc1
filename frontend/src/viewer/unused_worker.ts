// Stands in for Cornerstone's compute worker, which the viewer never starts (see vite.config.ts).
export function registerComputeWorker(): never {
  throw new Error("Cornerstone's compute worker is left out of this build (see vite.config.ts).");
}
