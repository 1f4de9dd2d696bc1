// Live jobs: the page's [data-jobs-stream] events update every [data-job-id] on it; polling takes over when they fail.
//
//   <div data-jobs-stream="…" [data-jobs-states="…"]>
//     <tr data-job-id="…" data-job-state="running" [data-job-reload-when-over]>
//       <span data-job-field="state" class="state state-running">Running</span>
//       <progress data-job-field="progress" class="petra-progress" max="1" value="0.4"></progress>
//       <span data-job-field="step"></span> <span data-job-field="message"></span> <span data-job-field="percent"></span>
import { showJob } from './show';
import { followJobs } from './stream';

// A page may show several lists of one cohort; one stream serves them all.
const streams = new Map<string, string | undefined>();
for (const { dataset } of document.querySelectorAll<HTMLElement>('[data-jobs-stream]')) {
  streams.set(dataset.jobsStream ?? '', dataset.jobsStates);
}
for (const [events_url, states_url] of streams) followJobs(events_url, states_url, (job) => showJob(document, job));
