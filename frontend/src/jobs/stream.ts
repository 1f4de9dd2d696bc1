// Follows jobs by server-sent events; the browser reconnects by itself, and after repeated failure the page polls.
import { getJson } from '../api/client';

export interface JobUpdate {
  readonly id: string | number;
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'stale' | 'cancelled';
  /** 0…1, or null while it is unknown */
  readonly progress?: number | null;
  readonly step?: string;
  readonly message?: string;
  /** The state in the page's words; ours where the server sends none */
  readonly state_title?: string;
}

const FAILURES_BEFORE_POLLING = 3;
const POLL_EVERY_MS = 5000;

/** One update, a list, or {"jobs": […]}: whatever the stream or the poll sends. */
export function jobsIn(data: unknown): JobUpdate[] {
  if (Array.isArray(data)) return data;
  const wrapped = data as { jobs?: JobUpdate[]; results?: JobUpdate[] } & JobUpdate;
  return wrapped.jobs ?? wrapped.results ?? [wrapped];
}

export function followJobs(events_url: string, poll_url: string | undefined, show: (job: JobUpdate) => void): void {
  const stream = new EventSource(events_url);
  let failures = 0;
  const receive = (event: MessageEvent<string>) => {
    failures = 0;
    jobsIn(JSON.parse(event.data)).forEach(show);
  };
  for (const name of ['message', 'job', 'jobs', 'snapshot']) stream.addEventListener(name, receive as EventListener);
  stream.addEventListener('error', () => {
    failures++;
    if (failures < FAILURES_BEFORE_POLLING && stream.readyState !== EventSource.CLOSED) return;
    stream.close();
    if (poll_url) poll(poll_url, show);
    // Without an address to poll, try the stream again after a while.
    else window.setTimeout(() => followJobs(events_url, poll_url, show), POLL_EVERY_MS);
  });
  addEventListener('pagehide', () => stream.close());
}

function poll(url: string, show: (job: JobUpdate) => void): void {
  const once = async () => {
    const answer = await getJson<unknown>(url).catch(() => []);
    jobsIn(answer).forEach(show);
    window.setTimeout(once, POLL_EVERY_MS);
  };
  void once();
}
