// The viewer page. Markup that it needs (the viewer builds everything within):
//
//   <div id="petra-viewer" data-manifest-url="{% url 'annotations:manifest' assignment.pk %}"
//        data-settings-url="{% url 'api:viewer_settings' %}"></div>
//   {% front_end 'src/viewer/main.ts' %}
//
// Browser tests read window.petraViewer (see testing.ts).
import './viewer.css';
import { getJson } from '../api/client';
import { el } from '../lib/dom';
import { openLook } from './look';
import type { Manifest } from './manifest';
import { openScreen } from './opening';
import { startCornerstone } from './scene';
import { fetchSettings, type StoredSettings } from './settings';
import { hasWebGl, noticeInstead } from './webgl';
import { Workplace } from './workplace';

async function start(root: HTMLElement): Promise<void> {
  root.dataset.bsTheme = 'dark';
  root.dataset.dialogHost = '';
  fillBelow(root);
  addEventListener('resize', () => fillBelow(root));
  root.replaceChildren(el('div', { class: 'viewer-notice', role: 'status' }, el('p', {}, 'Opening the case…')));
  try {
    const [manifest, stored] = await Promise.all([
      fromPage<Manifest>('petra-manifest') ?? getJson<Manifest>(root.dataset.manifestUrl ?? ''),
      fromPage<StoredSettings>('petra-viewer-settings') ?? fetchSettings(root.dataset.settingsUrl ?? ''),
    ]);
    const workplace = new Workplace(manifest);
    // The previews are asked for first: while they travel, Cornerstone starts.
    const opened = workplace.open();
    await Promise.all([startCornerstone(), opened]);
    if (hasWebGl()) await openScreen(root, workplace, stored);
    else await openLook(root, workplace, 'This browser gives the viewer no graphics card (WebGL 2).');
  } catch (error) {
    noticeInstead(root, 'The case could not be opened', (error as Error).message);
    throw error;
  }
}

/** What the page brought along, which saves a request; undefined where it brought nothing. */
function fromPage<T>(id: string): T | undefined {
  const text = document.getElementById(id)?.textContent;
  return text ? JSON.parse(text) : undefined;
}

/** The viewer takes the window's height below whatever the page puts above it. */
function fillBelow(root: HTMLElement): void {
  root.style.setProperty('--petra-viewer-top', `${root.getBoundingClientRect().top + scrollY}px`);
}

const root = document.getElementById('petra-viewer');
if (root) void start(root);
