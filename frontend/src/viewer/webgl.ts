// The viewer needs WebGL 2; where there is none, the page says so and what to do.
import { el } from '../lib/dom';

export function hasWebGl(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

export function noticeInstead(root: HTMLElement, title: string, sentence: string): void {
  root.replaceChildren(
    el('div', { class: 'viewer-notice', role: 'alert' }, el('h1', {}, title), el('p', {}, sentence)),
  );
}
