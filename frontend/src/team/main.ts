// Keeps the team page true: server-sent snapshots while they come, polling where they do not.
import { getJson } from '../api/client';
import { showTeam, type Team } from './show';

const FAILURES_BEFORE_POLLING = 3;
const POLL_EVERY_MS = 15_000;

const page = document.querySelector<HTMLElement>('[data-team-events]');
const state = document.querySelector('[data-team-connection]');
if (page) follow(page.dataset.teamEvents ?? '', page.dataset.teamPoll ?? '');

function say(words: string): void {
  if (state) state.textContent = words;
}

function follow(events_url: string, poll_url: string): void {
  const stream = new EventSource(events_url);
  let failures = 0;
  stream.addEventListener('team', (event) => {
    failures = 0;
    say('live');
    showTeam(document, JSON.parse((event as MessageEvent<string>).data));
  });
  stream.addEventListener('error', () => {
    failures++;
    say('connecting again …');
    if (failures < FAILURES_BEFORE_POLLING && stream.readyState !== EventSource.CLOSED) return;
    stream.close();
    void poll(poll_url);
  });
  addEventListener('pagehide', () => stream.close());
}

async function poll(url: string): Promise<void> {
  try {
    showTeam(document, await getJson<Team>(url));
    say(`asked every ${POLL_EVERY_MS / 1000} s`);
  } catch (error) {
    say(error instanceof Error ? error.message : 'The server cannot be reached.');
  }
  window.setTimeout(() => void poll(url), POLL_EVERY_MS);
}
