// Draws one Vega-Lite (or Vega) specification without eval or injected styles, in the page's theme.
import embed, { type Result, type VisualizationSpec } from 'vega-embed';
import { expressionInterpreter } from 'vega-interpreter';
import { themeOf } from './theme';

export type FigureSpec = VisualizationSpec & { config?: object };

const drawn = new WeakMap<HTMLElement, Result>();

export async function drawFigure(container: HTMLElement, spec: FigureSpec): Promise<void> {
  drawn.get(container)?.finalize();
  const result = await embed(container, spec, {
    actions: false,
    ast: true,
    expr: expressionInterpreter,
    config: themeOf(document.documentElement),
    defaultStyle: false,
    renderer: 'canvas',
    tooltip: { theme: 'custom', disableDefaultStyle: true },
  });
  drawn.set(container, result);
}
