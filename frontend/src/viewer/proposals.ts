// Masks that the server proposes (the BAT rule, the model): taken over, combined with the active lesion, or rejected.
import { getBytes, postJson } from '../api/client';
import { el, showDialog } from '../lib/dom';
import type { Combination } from './drawing/combine';
import type { LesionEdits } from './lesion_edits';
import type { Manifest, Proposal } from './manifest';
import type { Reading } from './reading';

type Say = (message: string) => void;

export function proposalList(manifest: Manifest, reading: Reading, edits: LesionEdits, say: Say): HTMLElement {
  const rows = manifest.proposals.map((proposal) => new ProposalRow(proposal, manifest, reading, edits, say).element);
  return el('ul', { class: 'viewer-proposals' }, ...rows);
}

class ProposalRow {
  readonly element = el('li', {});
  private readonly note = el('p', { class: 'viewer-hint', role: 'status' });
  private voxels: Promise<Uint8Array> | null = null;

  constructor(
    private readonly proposal: Proposal,
    private readonly manifest: Manifest,
    private readonly reading: Reading,
    private readonly edits: LesionEdits,
    private readonly say: Say,
  ) {
    const combine = (title: string, help: string, how: Combination) =>
      this.button(title, help, async () => this.edits.combine(proposal, await this.usable(), how));
    const accept = this.button('Accept', 'Take it into the reading, each part a lesion; edit it freely', () =>
      this.accept(),
    );
    accept.dataset.proposal = String(proposal.id);
    const actions = [
      accept,
      combine('Unite', 'Add the proposal to the active lesion', 'union'),
      combine('Common', 'Keep what the active lesion and the proposal both have', 'intersection'),
      combine('Subtract', 'Take the proposal away from the active lesion', 'minus'),
    ];
    if (proposal.reject_url)
      actions.push(this.button('Reject', 'Record that you do not agree with it', () => this.reject()));
    this.element.append(
      el('span', {}, proposal.title),
      el('div', { class: 'viewer-proposal-actions' }, ...actions),
      this.note,
    );
    this.showRejected(proposal.rejected_at);
  }

  private button(title: string, help: string, act: () => Promise<string>): HTMLButtonElement {
    const button = el('button', { type: 'button', class: 'btn btn-sm', title: help }, title);
    button.addEventListener('click', async () => {
      button.disabled = true;
      this.say(await act().catch((error: Error) => error.message));
      button.disabled = false;
    });
    return button;
  }

  private async accept(): Promise<string> {
    this.reading.accept(this.proposal, await this.usable());
    return `“${this.proposal.title}” is in the reading now. Check and correct it before you submit.`;
  }

  private async reject(): Promise<string> {
    const body = el(
      'div',
      { class: 'petra-dialog-body' },
      el('h2', {}, 'Reject this proposal?'),
      el('p', {}, 'It is recorded with your name and the time. What you have drawn stays as it is.'),
    );
    const actions = [
      { label: 'Cancel', value: '' },
      { label: 'Reject', value: 'yes', style: 'btn-primary' },
    ];
    if ((await showDialog(body, actions)) !== 'yes') return '';
    const answer = await postJson<{ rejected_at: string }>(this.proposal.reject_url, {}, this.manifest.csrf_token);
    this.showRejected(answer.rejected_at);
    return `“${this.proposal.title}” is rejected; that is recorded.`;
  }

  private showRejected(rejected_at: string): void {
    this.element.classList.toggle('is-rejected', rejected_at !== '');
    this.note.hidden = rejected_at === '';
    if (rejected_at) this.note.textContent = `Rejected by you, ${rejected_at.slice(0, 16).replace('T', ' ')} UTC`;
  }

  /** The proposal's voxels, fetched once; throws the sentence that says why it cannot be used. */
  private async usable(): Promise<Uint8Array> {
    this.voxels ??= getBytes(this.proposal.url).then((bytes) => new Uint8Array(bytes));
    const proposed = await this.voxels.catch((error: Error) => {
      this.voxels = null;
      throw error;
    });
    if (proposed.length !== this.reading.labelmap.voxels.length)
      throw new Error(`“${this.proposal.title}” lies on another grid and cannot be used here.`);
    if (!proposed.some((label) => label > 0)) throw new Error(`“${this.proposal.title}” holds no voxel.`);
    return proposed;
  }
}
