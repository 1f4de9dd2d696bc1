// Whether the browser can draw volumes (WebGL 2), and the plain notice where a case cannot be shown at all.
import { el } from '../lib/dom';

export function hasWebGl(): boolean {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('webgl2');
  // Browsers keep few contexts: this one was only a question.
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}

export function noticeInstead(root: HTMLElement, title: string, sentence: string): void {
  root.replaceChildren(
    el('div', { class: 'viewer-notice', role: 'alert' }, el('h1', {}, title), el('p', {}, sentence)),
  );
}
