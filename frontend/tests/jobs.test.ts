// Whatever shape the stream or the poll has, the updates come out.
import { expect, it } from 'vitest';
import { jobsIn } from '../src/jobs/stream';

const job = { id: 1, state: 'running' as const, progress: 0.5 };

it.each([[job], [[job]], [{ jobs: [job] }], [{ results: [job] }]])('finds the job in %j', (data) => {
  expect(jobsIn(data)).toEqual([job]);
});
