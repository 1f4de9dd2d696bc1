// Speed and time left of an upload, from the last ten seconds and not from its whole past.
const WINDOW_MS = 10_000;

export class Pace {
  private readonly marks: { at_ms: number; bytes: number }[] = [];

  note(at_ms: number, bytes_sent: number): void {
    this.marks.push({ at_ms, bytes: bytes_sent });
    while (this.marks.length > 2 && at_ms - this.marks[0].at_ms > WINDOW_MS) this.marks.shift();
  }

  /** bytes per second, or 0 before anything is known */
  get bytes_per_s(): number {
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    if (!first || !last || last.at_ms <= first.at_ms) return 0;
    return ((last.bytes - first.bytes) * 1000) / (last.at_ms - first.at_ms);
  }

  secondsLeft(total_bytes: number): number {
    const left = total_bytes - (this.marks.at(-1)?.bytes ?? 0);
    return this.bytes_per_s > 0 ? left / this.bytes_per_s : Number.POSITIVE_INFINITY;
  }
}
