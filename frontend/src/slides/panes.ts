// Zoomable photographs of slides: one OpenSeadragon viewer per pane, and panes that move together.
import OpenSeadragon from 'openseadragon';
import { el } from '../lib/dom';

// OpenSeadragon adds a style element of its own unless one is there, which the page's policy forbids (and reports). An
// element of that name outside HTML is found in its place and styles nothing; slides.css says what it would have said.
const in_its_place = document.createElementNS('urn:petra', 'style');
in_its_place.setAttribute('data-openseadragon-mobile-css', 'true');
document.head.append(in_its_place);

export interface Pane {
  readonly element: HTMLElement;
  readonly viewer: OpenSeadragon.Viewer;
}

/** `figure.slide-pane[data-dzi]` → a viewer; arrows move, + and − zoom, 0 shows the whole photograph. */
export function openPane(element: HTMLElement): Pane {
  const view = el('div', { class: 'slide-view', tabindex: 0, 'aria-label': element.dataset.title ?? 'Slide' });
  element.append(view);
  const viewer = OpenSeadragon({
    element: view,
    tileSources: element.dataset.dzi as string,
    showNavigationControl: false,
    crossOriginPolicy: false,
    ajaxWithCredentials: false,
    maxZoomPixelRatio: 4,
    gestureSettingsMouse: { clickToZoom: false },
    drawer: 'canvas',
  });
  viewer.addHandler('open', () => element.setAttribute('data-state', 'open'));
  viewer.addHandler('tile-drawn', () => element.setAttribute('data-state', 'drawn'));
  viewer.addHandler('zoom', ({ zoom }) => element.setAttribute('data-zoom', String(zoom)));
  viewer.addHandler('open-failed', () => element.append(el('p', { class: 'text-danger p-3', role: 'alert' }, FAILED)));
  return { element, viewer };
}

const FAILED = 'The photograph cannot be shown: it was erased, or the connection was lost.';

/** Every pane follows the others' centre and zoom while `isLinked` says so. */
export function link(panes: readonly Pane[], isLinked: () => boolean): void {
  let following = false;
  for (const moved of panes) {
    moved.viewer.addHandler('viewport-change', () => {
      if (following || !isLinked()) return;
      following = true;
      for (const other of panes) {
        if (other === moved || !other.viewer.isOpen()) continue;
        other.viewer.viewport.zoomTo(moved.viewer.viewport.getZoom(true), undefined, true);
        other.viewer.viewport.panTo(moved.viewer.viewport.getCenter(true), true);
      }
      following = false;
    });
  }
}
