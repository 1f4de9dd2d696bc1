// The isocontour's thresholds: shares of SUVmax, fixed SUVs, and PERCIST from the liver.
import { el } from '../lib/dom';
import { formatSuvBw } from '../lib/units';
import { LEAN_BODY_MASS_FORMULA } from './drawing/lean_body_mass';
import { choiceField, numberField } from './fields';
import type { Threshold } from './isocontour';
import type { ToolSettings } from './tools';

const PRESETS: readonly { title: string; threshold: Threshold }[] = [
  { title: '41 %', threshold: { kind: 'fraction', fraction: 0.41 } },
  { title: '50 %', threshold: { kind: 'fraction', fraction: 0.5 } },
  { title: '2.5', threshold: { kind: 'fixed', suv_bw: 2.5 } },
  { title: '4.0', threshold: { kind: 'fixed', suv_bw: 4 } },
];

const same = (a: Threshold, b: Threshold) => JSON.stringify(a) === JSON.stringify(b);

function chooseThreshold(settings: ToolSettings, threshold: Threshold | 'percist'): void {
  settings.contour =
    threshold === 'percist' ? { kind: 'percist', suv_bw: settings.liver?.threshold_suv_bw ?? Number.NaN } : threshold;
}

/** Goes on to the next of the thresholds that are offered, PERCIST after the last and then the first again. */
export function nextThreshold(settings: ToolSettings): void {
  const at = PRESETS.findIndex(({ threshold }) => same(threshold, settings.contour));
  const next = settings.contour.kind === 'percist' ? PRESETS[0] : PRESETS[at + 1];
  chooseThreshold(settings, next?.threshold ?? 'percist');
}

export function contourOptions(settings: ToolSettings, show: () => void): HTMLElement[] {
  const { contour } = settings;
  const choose = (threshold: Threshold | 'percist') => () => {
    chooseThreshold(settings, threshold);
    show();
  };
  const presets = choiceField('Threshold', [
    ...PRESETS.map(({ title, threshold }) => ({
      title,
      help: `${title} ${threshold.kind === 'fraction' ? 'of SUVmax' : 'SUVbw'} (Shift T)`,
      pressed: same(threshold, contour),
      choose: choose(threshold),
    })),
    {
      title: 'PERCIST',
      help: `1.5 × liver SULmean + 2 SD (Shift T)`,
      pressed: contour.kind === 'percist',
      choose: choose('percist'),
    },
  ]);
  return [presets, contour.kind === 'percist' ? percistNote(settings) : ownThreshold(contour, settings, show)];
}

function ownThreshold(contour: Threshold, settings: ToolSettings, show: () => void): HTMLElement {
  const set = (threshold: Threshold) => {
    settings.contour = threshold;
    show();
  };
  return contour.kind === 'fraction'
    ? numberField('Threshold', contour.fraction * 100, '% of SUVmax', 1, (percent) =>
        set({ kind: 'fraction', fraction: percent / 100 }),
      )
    : numberField('Threshold', contour.suv_bw, 'SUVbw', 0.1, (suv_bw) => set({ kind: 'fixed', suv_bw }));
}

function percistNote({ liver }: ToolSettings): HTMLElement {
  const text = liver
    ? `SUL ${formatSuvBw(liver.threshold_sul)} = SUVbw ${formatSuvBw(liver.threshold_suv_bw)}, from liver SUL ` +
      `${formatSuvBw(liver.sul_mean)} ± ${formatSuvBw(liver.sul_sd)} (lean body mass: ${LEAN_BODY_MASS_FORMULA}).`
    : '1.5 × liver SULmean + 2 SD: choose Liver (V) and click the right lobe of the liver first.';
  return el('p', { class: 'viewer-hint' }, text);
}
