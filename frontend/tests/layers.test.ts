import { describe, expect, it } from 'vitest';
import { colourOfVotes, coloursOf } from '../src/viewer/layers';
import type { Layer } from '../src/viewer/manifest';

const layer = (kind: Layer['kind'], readers?: number): Layer => ({ id: '1', title: 'One', kind, url: '/', readers });

describe('colours of layers', () => {
  it('run from yellow for one vote to red for all but one', () => {
    expect(colourOfVotes(1, 5)).toEqual([255, 225, 90]);
    expect(colourOfVotes(4, 5)).toEqual([225, 45, 45]);
    expect(coloursOf(layer('votes', 5), 0)).toHaveLength(4);
    expect(coloursOf(layer('votes', 2), 0)).toEqual([[255, 225, 90]]);
  });

  it('tell readers apart, and give a mask one colour however many lesions it holds', () => {
    const [first] = coloursOf(layer('reading'), 0);
    const [second] = coloursOf(layer('reading'), 1);
    expect(first).not.toEqual(second);
    expect(coloursOf(layer('consensus'), 0)).toEqual([[255, 255, 255]]);
  });
});
