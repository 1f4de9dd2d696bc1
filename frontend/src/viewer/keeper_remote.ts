// The page's end of the keeper: hands each request to the worker, so that hashing and packing never hold up a stroke.
import type { Keeping, KeptStep, Parent, Prepared } from './keeper';
import type { Asked, Opening } from './keeper_worker';

interface Answered {
  readonly number: number;
  readonly result?: unknown;
  readonly problem?: string;
}

export class RemoteKeeper implements Keeping {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, { done: (result: never) => void; failed: (error: Error) => void }>();
  private asked = 0;

  constructor(private readonly opening: Opening) {}

  /** Fetches the worker and hands it what the reading begins with; the first step does so where nothing did before. */
  start(): void {
    if (this.worker) return;
    this.worker = new Worker(new URL('./keeper_worker.ts', import.meta.url), { type: 'module' });
    this.worker.addEventListener('message', ({ data }: MessageEvent<Answered>) => this.settle(data));
    this.worker.addEventListener('error', () => this.failAll());
    const { base, resumed } = this.opening;
    const copies = [base.buffer, ...(resumed ? [resumed.labels.buffer] : [])];
    void this.ask('open', [this.opening], copies as ArrayBuffer[]).catch(() => undefined);
  }

  note(step: KeptStep): Promise<boolean> {
    return this.ask('note', [step]);
  }

  prepare(whole: boolean): Promise<Prepared | null> {
    return this.ask('prepare', [whole]);
  }

  confirm(revision: NonNullable<Parent>): Promise<void> {
    return this.ask('confirm', [revision]);
  }

  compare(voxels: Uint8Array, step: Omit<KeptStep, 'voxels'>): Promise<boolean> {
    return this.ask('compare', [voxels, step]);
  }

  private ask<T>(method: Asked['method'], values: readonly unknown[], transfer: Transferable[] = []): Promise<T> {
    this.start();
    const number = this.asked++;
    return new Promise<T>((done, failed) => {
      this.waiting.set(number, { done, failed });
      this.worker?.postMessage({ number, method, values } satisfies Asked, transfer);
    });
  }

  private settle({ number, result, problem }: Answered): void {
    const waiting = this.waiting.get(number);
    this.waiting.delete(number);
    if (problem === undefined) waiting?.done(result as never);
    else waiting?.failed(new Error(problem));
  }

  private failAll(): void {
    const error = new Error('This window can no longer save: reload the page. What was kept here comes back.');
    for (const { failed } of this.waiting.values()) failed(error);
    this.waiting.clear();
  }
}
