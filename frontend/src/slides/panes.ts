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
  const title = element.dataset.title ?? 'Slide';
  const view = el('div', { class: 'slide-view', role: 'group', tabindex: 0, 'aria-label': title });
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

/** Every pane goes where another is sent while `isLinked` says so: to the same centre and zoom, at the same pace. */
export function link(panes: readonly Pane[], isLinked: () => boolean): void {
  let following = false;
  // A viewer says where it is sent at once, before it moves; what the others are told here they say too, and that is
  // not followed again.
  const others = (moved: Pane, send: (viewport: OpenSeadragon.Viewport) => void) => {
    if (following || !isLinked()) return;
    following = true;
    for (const { viewer } of panes) if (viewer !== moved.viewer && viewer.isOpen()) send(viewer.viewport);
    following = false;
  };
  for (const moved of panes) {
    moved.viewer.addHandler('zoom', ({ zoom, refPoint, immediately }) =>
      others(moved, (viewport) => viewport.zoomTo(zoom, refPoint ?? undefined, immediately)),
    );
    moved.viewer.addHandler('pan', ({ center, immediately }) =>
      others(moved, (viewport) => viewport.panTo(center as OpenSeadragon.Point, immediately)),
    );
  }
}
