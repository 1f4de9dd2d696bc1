// The peers that the viewer is measured against, on one bare page: ?what=download, empty, bare or slices.
// Each leaves its times (ms since the page was asked for) as window.measured; the Python harness reads them.
import { download } from './download';

export interface Measured {
  /** the first fused image, or for a download its last byte */
  first_ms?: number;
  all_ms?: number;
  bytes?: number;
  failed?: string;
  /** Draws so many slices of the axial pane about its middle, one after the other; ms for all of them. */
  scroll?: (slices: number) => Promise<number>;
}

declare global {
  interface Window {
    measured?: Measured;
  }
}

async function measure(what: string | null, parameters: URLSearchParams): Promise<Measured> {
  const addresses = parameters.getAll('url');
  if (what === 'download') return download(addresses, Number(parameters.get('parallel') ?? 4));
  const width = Number(parameters.get('width'));
  const height = Number(parameters.get('height'));
  // Loaded only by the pages that are about it: a bare download downloads no library.
  const { showEmpty, showBare, showSlices } = await import('./cornerstone_peer');
  if (what === 'empty') return showEmpty(width, height);
  const manifest = await (await fetch(parameters.get('manifest') ?? '')).json();
  if (what === 'bare') return showBare(manifest, width, height);
  return showSlices(parameters.get('dicomweb') ?? '', manifest, width, height);
}

const parameters = new URLSearchParams(location.search);
measure(parameters.get('what'), parameters)
  .then((measured) => {
    window.measured = measured;
  })
  .catch((error: Error) => {
    window.measured = { failed: `${error.message}\n${error.stack}` };
  });
