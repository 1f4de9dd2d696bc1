// A lesion combined with a proposal: united with it, what both have, or what the proposal has not.
export type Combination = 'union' | 'intersection' | 'minus';

export function combined(lesion: ReadonlySet<number>, proposed: ReadonlySet<number>, how: Combination): number[] {
  if (how === 'union') return [...new Set([...lesion, ...proposed])];
  const wanted = how === 'intersection';
  return [...lesion].filter((offset) => proposed.has(offset) === wanted);
}
