// The viewer page. Markup that it needs (the viewer builds everything within):
//
//   <div id="petra-viewer" data-manifest-url="{% url 'annotations:manifest' assignment.pk %}"></div>
//   {% front_end 'src/viewer/main.ts' %}
//
// Browser tests read window.petraViewer (see testing.ts).
import './viewer.css';
import { getJson } from '../api/client';
import { el } from '../lib/dom';
import type { Manifest } from './manifest';
import { openScreen } from './opening';
import { startCornerstone } from './scene';
import { hasWebGl, noticeInstead } from './webgl';
import { Workplace } from './workplace';

async function start(root: HTMLElement): Promise<void> {
  root.dataset.bsTheme = 'dark';
  root.dataset.dialogHost = '';
  fillBelow(root);
  addEventListener('resize', () => fillBelow(root));
  if (!hasWebGl()) {
    noticeInstead(
      root,
      'This browser cannot show images',
      'The viewer needs WebGL 2. Switch on hardware acceleration, or use a current Chrome, Edge or Firefox.',
    );
    return;
  }
  root.replaceChildren(el('div', { class: 'viewer-notice', role: 'status' }, el('p', {}, 'Opening the case…')));
  try {
    const workplace = new Workplace(await getJson<Manifest>(root.dataset.manifestUrl ?? ''));
    await startCornerstone();
    await workplace.open();
    await openScreen(root, workplace);
  } catch (error) {
    noticeInstead(root, 'The case could not be opened', (error as Error).message);
    throw error;
  }
}

/** The viewer takes the window's height below whatever the page puts above it. */
function fillBelow(root: HTMLElement): void {
  root.style.setProperty('--petra-viewer-top', `${root.getBoundingClientRect().top + scrollY}px`);
}

const root = document.getElementById('petra-viewer');
if (root) void start(root);
