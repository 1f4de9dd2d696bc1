// Numbers as a clinic writes them, and bytes and time as people read them.
import { expect, it } from 'vitest';
import { formatBytes, formatDuration, formatHu, formatMl, formatNumber, formatSuvBw } from '../src/lib/units';

it('writes a real minus sign and no negative zero', () => {
  expect(formatHu(-190)).toBe('\u2212190');
  expect(formatHu(-0.2)).toBe('0');
});

it('writes a dash for what is not there', () => {
  expect([null, undefined, Number.NaN, Number.POSITIVE_INFINITY].map((value) => formatNumber(value, 1))).toEqual([
    '–',
    '–',
    '–',
    '–',
  ]);
});

it('keeps the decimals of each unit', () => {
  expect(formatSuvBw(7.906)).toBe('7.91');
  expect([formatMl(0.456), formatMl(47.84)]).toEqual(['0.46', '47.8']);
});

it('writes bytes in decimal units', () => {
  expect([0, 999, 1500, 8_388_608].map(formatBytes)).toEqual(['0 B', '999 B', '1.5 kB', '8.4 MB']);
});

it('writes durations', () => {
  expect([0.4, 59, 200, 3900, Number.POSITIVE_INFINITY].map(formatDuration)).toEqual([
    '0 s',
    '59 s',
    '3 min 20 s',
    '1 h 05 min',
    '–',
  ]);
});
