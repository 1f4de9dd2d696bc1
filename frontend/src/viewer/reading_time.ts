// How long the reader has been at work in this visit: seconds in which the tab is visible and was used within a minute.
import type { Session } from './session';

const IDLE_AFTER_MS = 60_000;
const REPORT_EVERY_S = 30;
const USED = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const;

export class ReadingTime {
  private active_seconds = 0;
  private reported_seconds = 0;
  private used_at = 0;

  constructor(private readonly visit: string) {}

  /** Counts from now on, and reports in between saves and when the page is left. */
  start(root: EventTarget, session: Pick<Session, 'post'>, url: string): void {
    this.used_at = performance.now();
    for (const name of USED)
      root.addEventListener(name, () => this.used(performance.now()), { passive: true, capture: true });
    const send = () => {
      if (this.active_seconds === this.reported_seconds) return;
      void session.post(url, this.report()).catch(() => undefined);
    };
    setInterval(() => {
      this.tick(performance.now(), document.visibilityState === 'visible');
      if (this.active_seconds - this.reported_seconds >= REPORT_EVERY_S) send();
    }, 1000);
    document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && send());
  }

  used(now_ms: number): void {
    this.used_at = now_ms;
  }

  tick(now_ms: number, visible: boolean): void {
    if (visible && now_ms - this.used_at < IDLE_AFTER_MS) this.active_seconds++;
  }

  report(): { visit: string; active_seconds: number } {
    this.reported_seconds = this.active_seconds;
    return { visit: this.visit, active_seconds: this.active_seconds };
  }
}
