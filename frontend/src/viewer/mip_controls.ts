// Play, pause and speed of the turning MIP, within its pane.
import { el } from '../lib/dom';
import { icon } from './icons';
import type { MipTurning } from './mip';

export class MipControls {
  readonly element: HTMLElement;
  private readonly play = el('button', { type: 'button', class: 'viewer-icon-button', id: 'mip-play' });
  private readonly speed = el('button', {
    type: 'button',
    class: 'viewer-mip-speed',
    title: 'Turning speed (Shift M)',
  });

  constructor(private readonly turning: MipTurning) {
    this.play.addEventListener('click', () => turning.toggle());
    this.speed.addEventListener('click', () => turning.nextSpeed());
    this.element = el('div', { class: 'viewer-mip-controls' }, this.play, this.speed);
    // A press on a button is no click into the image; and Cornerstone takes every key in a pane, Tab and Enter too.
    for (const name of ['pointerdown', 'mousedown', 'dblclick', 'keydown'])
      this.element.addEventListener(name, (event) => event.stopPropagation());
    this.show();
  }

  show(): void {
    const { isTurning, degrees_per_s } = this.turning;
    const title = isTurning ? 'Stop turning (M)' : 'Turn the MIP (M)';
    this.play.title = title;
    this.play.setAttribute('aria-label', title);
    this.play.setAttribute('aria-pressed', String(isTurning));
    this.play.replaceChildren(icon(isTurning ? 'pause' : 'play'));
    this.speed.textContent = `${degrees_per_s}°/s`;
  }
}
