// Tells the server that a case is open and whether somebody is at it: [data-presence-url] on the viewer's place.
import { postJson } from '../api/client';
import { after } from '../lib/moments';

const BEAT_EVERY_MS = 20_000;
const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'wheel', 'keydown'] as const;

export function beatWhileOpen(root: Document): void {
  const place = root.querySelector<HTMLElement>('[data-presence-url]');
  if (!place) return;
  const url = place.dataset.presenceUrl ?? '';
  let active = true;
  for (const sign of SIGNS_OF_LIFE)
    root.addEventListener(sign, () => (active = true), { passive: true, capture: true });
  const beat = () => {
    const was_active = active && root.visibilityState === 'visible';
    active = false;
    // Presence is a courtesy: what fails here must not disturb the reading.
    void postJson(url, { active: was_active }).catch(() => undefined);
  };
  after('petra:first-image', () => {
    beat();
    window.setInterval(beat, BEAT_EVERY_MS);
    addEventListener('pagehide', () => sayGoodbye(url));
  });
}

function sayGoodbye(url: string): void {
  void postJson(url, { closed: true }, undefined, { keepalive: true }).catch(() => undefined);
}
