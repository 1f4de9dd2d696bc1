// Time at work: only seconds in which the tab is visible and was used within the last minute.
import { expect, it } from 'vitest';
import { ReadingTime } from '../src/viewer/reading_time';

it('counts visible seconds after use, and stops when nobody is there', () => {
  const time = new ReadingTime('visit');
  time.used(0);
  for (let second = 1; second <= 100; second++) time.tick(second * 1000, true);
  expect(time.report()).toEqual({ visit: 'visit', active_seconds: 59 });
  time.used(200_000);
  time.tick(201_000, false);
  time.tick(202_000, true);
  expect(time.report().active_seconds).toBe(60);
});
