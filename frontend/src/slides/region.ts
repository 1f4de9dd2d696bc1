// Counting nuclei: a polygon drawn on a photograph, the job that counts in it, and its proposal as outlines.
import OpenSeadragon from 'openseadragon';
import { getJson, postJson } from '../api/client';
import { el, svg } from '../lib/dom';
import type { Pane } from './panes';

type Point = readonly [number, number];

interface Outline {
  readonly outline_xy: readonly Point[];
  readonly is_positive: boolean;
}

interface State {
  readonly state: string;
  readonly message: string;
  readonly proposal_url: string;
}

const ASK_AGAIN_MS = 1000;

export class Region {
  private readonly overlay = svg('svg', { class: 'slide-overlay' }) as SVGSVGElement;
  private readonly status: HTMLElement;
  private readonly finish: HTMLButtonElement;
  private readonly draw: HTMLButtonElement;
  private points: Point[] = [];
  private drawing = false;

  constructor(
    private readonly pane: Pane,
    private readonly tools: HTMLElement,
  ) {
    this.draw = el('button', { type: 'button', class: 'btn', onclick: () => this.begin() }, 'Draw a region');
    this.finish = el('button', { type: 'button', class: 'btn btn-primary', disabled: true }, 'Count nuclei in it');
    this.finish.addEventListener('click', () => void this.count());
    this.status = el('span', { class: 'text-secondary', role: 'status' });
    tools.append(this.draw, this.finish, this.status);
    pane.viewer.addHandler('open', () => this.lay());
    pane.viewer.addHandler('canvas-click', (event) => this.click(event));
    for (const button of document.querySelectorAll<HTMLElement>('[data-outlines-url]'))
      button.addEventListener('click', () => void this.show(button.dataset.outlinesUrl as string));
  }

  private lay(): void {
    const { x: width, y: height } = this.pane.viewer.world.getItemAt(0).getContentSize();
    this.overlay.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.overlay.setAttribute('preserveAspectRatio', 'none');
    const place = new OpenSeadragon.Rect(0, 0, 1, height / width);
    this.pane.viewer.addOverlay({ element: this.overlay as unknown as HTMLElement, location: place });
  }

  private begin(): void {
    this.points = [];
    this.drawing = true;
    this.overlay.replaceChildren();
    this.finish.disabled = true;
    this.status.textContent = 'Click the corners of the tumour, three or more.';
  }

  private click(event: OpenSeadragon.CanvasClickEvent): void {
    if (!this.drawing || !event.quick) return;
    event.preventDefaultAction = true;
    const item = this.pane.viewer.world.getItemAt(0);
    const { x, y } = item.viewportToImageCoordinates(this.pane.viewer.viewport.pointFromPixel(event.position));
    const size = item.getContentSize();
    this.points.push([Math.min(Math.max(x, 0), size.x), Math.min(Math.max(y, 0), size.y)]);
    this.overlay.replaceChildren(polygon(this.points, 'is-region'));
    this.finish.disabled = this.points.length < 3;
  }

  private async count(): Promise<void> {
    this.drawing = false;
    this.finish.disabled = true;
    this.status.textContent = 'Waiting for a worker …';
    try {
      const { state_url } = await postJson<{ state_url: string }>(this.tools.dataset.quantifyUrl as string, {
        region_xy: this.points,
      });
      await this.follow(state_url);
    } catch (error) {
      this.status.textContent = (error as Error).message;
      this.finish.disabled = false;
    }
  }

  private async follow(state_url: string): Promise<void> {
    for (;;) {
      const now = await getJson<State>(state_url);
      if (now.proposal_url) return location.assign(now.proposal_url);
      if (now.state === 'failed' || now.state === 'cancelled') throw new Error(now.message);
      this.status.textContent = now.message || 'Counting …';
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  async show(url: string): Promise<void> {
    const found = await getJson<{ region_xy: Point[]; outlines: Outline[] }>(url);
    this.overlay.replaceChildren(
      polygon(found.region_xy, 'is-region'),
      ...found.outlines.map((one) => polygon(one.outline_xy, one.is_positive ? 'is-positive' : 'is-negative')),
    );
    this.status.textContent = 'Red: counted as stained. Green: not stained.';
  }
}

const polygon = (points: readonly Point[], look: string) =>
  svg('polygon', { points: points.map((point) => point.join(',')).join(' '), class: look });
