// Masks that the server proposes (the BAT rule, the model, the consensus): accepted into the reading, then edited freely.
import { getBytes } from '../api/client';
import { el } from '../lib/dom';
import type { Proposal } from './manifest';
import type { Reading } from './reading';

export function proposalList(
  proposals: readonly Proposal[],
  reading: Reading,
  say: (message: string) => void,
): HTMLElement {
  const rows = proposals.map((proposal) => {
    const accept = el('button', { type: 'button', class: 'btn btn-sm', 'data-proposal': proposal.id }, 'Accept');
    accept.addEventListener('click', async () => {
      accept.disabled = true;
      say(await acceptProposal(proposal, reading).catch((error: Error) => error.message));
      accept.disabled = false;
    });
    return el('li', {}, el('span', {}, proposal.title), accept);
  });
  return el('ul', { class: 'viewer-proposals' }, ...rows);
}

async function acceptProposal(proposal: Proposal, reading: Reading): Promise<string> {
  const proposed = new Uint8Array(await getBytes(proposal.url));
  if (proposed.length !== reading.labelmap.voxels.length)
    return `“${proposal.title}” lies on another grid and cannot be used here.`;
  if (!proposed.some((label) => label > 0)) return `“${proposal.title}” holds no voxel.`;
  reading.accept(proposal, proposed);
  return `“${proposal.title}” is in the reading now. Check and correct it before you submit.`;
}
