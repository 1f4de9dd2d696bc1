// The worker that holds the keeper: one request at a time, in the order in which the page made them.
import { type Draft, type DraftOwner, Drafts } from './drafts';
import { Keeper, type Parent } from './keeper';

export interface Opening {
  readonly owner: DraftOwner;
  readonly voxels_per_slice: number;
  readonly base: Uint8Array;
  readonly parent: Parent;
  readonly resumed?: { readonly draft: Draft; readonly labels: Uint8Array };
}

export interface Asked {
  readonly number: number;
  readonly method: 'open' | 'note' | 'prepare' | 'confirm' | 'compare';
  readonly values: readonly unknown[];
}

let keeper: Keeper;
let last: Promise<void> = Promise.resolve();

async function answer({ method, values }: Asked): Promise<unknown> {
  if (method !== 'open') return (keeper[method] as (...values: readonly unknown[]) => Promise<unknown>)(...values);
  const { owner, voxels_per_slice, base, parent, resumed } = values[0] as Opening;
  keeper = new Keeper(owner, voxels_per_slice, base, parent, new Drafts(), resumed);
  return null;
}

addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  last = last.then(async () => {
    try {
      postMessage({ number: data.number, result: await answer(data) });
    } catch (error) {
      postMessage({ number: data.number, problem: (error as Error).message });
    }
  });
});
