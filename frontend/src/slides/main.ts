// Slides: zoomable photographs side by side, nuclei counted in a region, and labels blanked before sending.
import './slides.css';
import { Blanking } from './blanking';
import { link, openPane } from './panes';
import { showPetCt } from './petct';
import { Region } from './region';

const panes = [...document.querySelectorAll<HTMLElement>('.slide-pane[data-dzi]')].map(openPane);
const linked = document.querySelector<HTMLInputElement>('input[data-link-panes]');
if (panes.length > 1) link(panes, () => linked?.checked ?? true);

const tools = document.querySelector<HTMLElement>('[data-quantify-url]');
if (tools && panes.length === 1) {
  const region = new Region(panes[0], tools);
  if (tools.dataset.showUrl)
    panes[0].viewer.addOnceHandler('open', () => void region.show(tools.dataset.showUrl ?? ''));
}
for (const element of document.querySelectorAll<HTMLElement>('.petct[data-manifest-url]')) void showPetCt(element);
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-photograph]')) new Blanking(form);
