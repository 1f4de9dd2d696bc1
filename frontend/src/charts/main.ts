// Figures of a page: every <figure data-vega-spec-url="…"> or <figure data-vega-spec-id="…"> (a JSON script) is drawn.
import './charts.css';
import { getJson } from '../api/client';
import { el } from '../lib/dom';
import { drawFigure, type FigureSpec } from './figure';

async function specOf(figure: HTMLElement): Promise<FigureSpec> {
  const { vegaSpecUrl, vegaSpecId } = figure.dataset;
  if (vegaSpecUrl) return getJson<FigureSpec>(vegaSpecUrl);
  return JSON.parse(document.getElementById(vegaSpecId ?? '')?.textContent ?? 'null');
}

function canvasOf(figure: HTMLElement): HTMLElement {
  const present = figure.querySelector<HTMLElement>('.petra-figure');
  if (present) return present;
  const made = el('div', {
    class: 'petra-figure',
    role: 'img',
    'aria-label': figure.querySelector('figcaption')?.textContent ?? 'Figure',
  });
  figure.prepend(made);
  return made;
}

function offerDownloads(figure: HTMLElement): void {
  if (figure.querySelector('.petra-downloads')) return;
  const formats = (['svg', 'pdf', 'png', 'csv'] as const).filter((format) => figure.dataset[`${format}Url`]);
  const links = formats.map((format) =>
    el('a', { href: figure.dataset[`${format}Url`], download: true }, format.toUpperCase()),
  );
  if (links.length > 0) figure.append(el('div', { class: 'petra-downloads' }, 'Download ', ...links));
}

async function show(figure: HTMLElement): Promise<void> {
  const canvas = canvasOf(figure);
  offerDownloads(figure);
  try {
    await drawFigure(canvas, await specOf(figure));
  } catch (error) {
    canvas.replaceChildren(
      el(
        'p',
        { class: 'petra-figure-error', role: 'alert' },
        `The figure cannot be drawn: ${(error as Error).message}`,
      ),
    );
  }
}

// Figures are drawn when they come near the screen: a page of sixteen volcanoes opens at once.
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      void show(target as HTMLElement);
    }
  },
  { rootMargin: '400px' },
);

function watch(root: ParentNode): void {
  for (const figure of root.querySelectorAll('figure[data-vega-spec-url], figure[data-vega-spec-id]'))
    near.observe(figure);
}

watch(document);
document.addEventListener('htmx:afterSettle', (event) => watch(event.target as HTMLElement));
document.addEventListener('petra:theme', () => watch(document));
