// Vega's colours and type from the page's own tokens, so that figures follow light and dark.
import type { Config } from 'vega-embed';

export function themeOf(page: HTMLElement): Config {
  const dark = page.dataset.bsTheme === 'dark';
  const ink = dark ? '#dbe4ea' : '#2c3943';
  const quiet = dark ? '#9fb0bb' : '#51616d';
  const line = dark ? '#26343e' : '#dce2e6';
  const font = getComputedStyle(document.body).fontFamily;
  const text = {
    labelColor: quiet,
    titleColor: ink,
    labelFont: font,
    titleFont: font,
    labelFontSize: 11,
    titleFontSize: 11,
  };
  return {
    background: 'transparent',
    font,
    title: { color: ink, font, fontSize: 13, fontWeight: 600 },
    axis: { ...text, gridColor: line, domainColor: line, tickColor: line, titleFontWeight: 500 },
    legend: { ...text, titleFontWeight: 500 },
    header: text,
    view: { stroke: line },
    text: { color: ink, font },
    rule: { color: quiet },
    range: { category: dark ? CATEGORIES_DARK : CATEGORIES_LIGHT },
  } as Config;
}

// The primary and accent first, then hues that colour-blind readers can tell apart (after Okabe & Ito).
const CATEGORIES_LIGHT = ['#0b5a66', '#c46a00', '#3d6fb6', '#b0467f', '#5f8f2f', '#7a5bb5', '#8a6d3b', '#5b6b77'];
const CATEGORIES_DARK = ['#3fb0bf', '#f0a640', '#7fb2f0', '#e88fbd', '#9ccf63', '#b79df0', '#d3b27a', '#a6b3bd'];
