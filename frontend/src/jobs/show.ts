// Writes a job's update into the elements that show it.
import { formatNumber } from '../lib/units';
import type { JobUpdate } from './stream';

type State = JobUpdate['state'];

const OVER: readonly State[] = ['succeeded', 'failed', 'cancelled'];
const TITLES: Record<State, string> = {
  queued: 'Queued',
  running: 'Running',
  succeeded: 'Done',
  failed: 'Failed',
  stale: 'Stale',
  cancelled: 'Cancelled',
};

export function showJob(root: ParentNode, job: JobUpdate): void {
  for (const element of root.querySelectorAll<HTMLElement>(`[data-job-id="${CSS.escape(String(job.id))}"]`))
    update(element, job);
}

function update(element: HTMLElement, job: JobUpdate): void {
  const before = element.dataset.jobState;
  element.dataset.jobState = job.state;
  for (const field of element.querySelectorAll<HTMLElement>('[data-job-field]')) showField(field, job);
  const has_ended = OVER.includes(job.state) && before !== undefined && before !== job.state;
  if (has_ended && element.dataset.jobReloadWhenOver !== undefined) location.reload();
}

function showField(field: HTMLElement, { state, state_title, progress, step, message }: JobUpdate): void {
  const over = OVER.includes(state);
  switch (field.dataset.jobField) {
    case 'state':
      for (const known of Object.keys(TITLES)) field.classList.toggle(`state-${known}`, known === state);
      field.textContent = state_title ?? TITLES[state];
      break;
    case 'progress':
      showProgress(field as HTMLProgressElement, state, progress);
      break;
    case 'percent':
      field.textContent = progress === null || progress === undefined ? '' : `${formatNumber(progress * 100, 0)} %`;
      break;
    case 'step':
      if (step !== undefined) field.textContent = over ? '' : step;
      break;
    case 'message':
      if (message !== undefined) field.textContent = message;
      break;
  }
}

function showProgress(bar: HTMLProgressElement, state: State, progress: number | null | undefined): void {
  for (const known of Object.keys(TITLES)) bar.classList.toggle(`state-${known}`, known === state);
  if (state === 'succeeded') bar.value = bar.max;
  else if (progress === null) bar.removeAttribute('value');
  else if (progress !== undefined) bar.value = progress * bar.max;
}
