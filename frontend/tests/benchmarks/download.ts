// A bare download: the bytes are received (and unpacked by the browser), and nothing is done with them.
import type { Measured } from './main';

export async function download(addresses: readonly string[], parallel: number): Promise<Measured> {
  const waiting = [...addresses];
  let bytes = 0;
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const answer = await fetch(next);
      if (!answer.ok) throw new Error(`${next} answered ${answer.status}`);
      const { byteLength } = await answer.arrayBuffer();
      bytes += byteLength;
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return { first_ms: performance.now(), all_ms: performance.now(), bytes };
}
