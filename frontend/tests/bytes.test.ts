// Masks on their way: gzip and base64 keep every byte.
import { expect, it } from 'vitest';
import { gunzip, gzip, toBase64 } from '../src/lib/bytes';

const MASK = Uint8Array.from({ length: 200_000 }, (_, i) => (i % 997 === 0 ? 1 : 0));

it('gives back what was compressed, far smaller', async () => {
  const packed = await gzip(MASK);
  expect(packed.length).toBeLessThan(MASK.length / 50);
  expect(await gunzip(packed)).toEqual(MASK);
});

it('writes the same base64 as everybody else', () => {
  const bytes = Uint8Array.from({ length: 70_001 }, (_, i) => (i * 31) % 256);
  expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
});
