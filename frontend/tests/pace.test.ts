// Speed and time left come from the last seconds.
import { expect, it } from 'vitest';
import { Pace } from '../src/uploads/pace';

it('forgets a slow start', () => {
  const pace = new Pace();
  pace.note(0, 0);
  for (let second = 60; second <= 75; second++) pace.note(second * 1000, (second - 59) * 1000);
  expect(pace.bytes_per_s).toBeCloseTo(1000);
  expect(pace.secondsLeft(20_000)).toBeCloseTo(4);
});

it('promises nothing before anything moved', () => {
  expect(new Pace().secondsLeft(10)).toBe(Number.POSITIVE_INFINITY);
});
