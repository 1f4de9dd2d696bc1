// What the viewer remembers: whatever was stored gives usable settings, and what is set comes back.
import { expect, it } from 'vitest';
import { LAYOUTS } from '../src/viewer/layout';
import { readSettings, type StoredSettings, storedSettings } from '../src/viewer/settings';

it('has a default for everything', () => {
  const { layout, appearance, mip } = readSettings({}, 'tumour');
  expect(layout).toBe('fusion');
  expect(appearance).toMatchObject({ suv_bw_upper: 8, pet_colours: 'inverted grey', crosshair_shown: true });
  expect(mip.is_turning).toBe(false);
});

it('gives back what was set', () => {
  const first = readSettings({ layout: 'pet', tumour_suv_bw_upper: 12, pet_colours: 'hot iron' }, 'tumour');
  expect(readSettings(storedSettings(first, 'tumour', {}), 'tumour')).toEqual(first);
});

it('keeps the upper SUV of the other task', () => {
  const stored = storedSettings(readSettings({ bat_suv_bw_upper: 3 }, 'tumour'), 'tumour', { bat_suv_bw_upper: 3 });
  expect(readSettings(stored, 'bat').appearance.suv_bw_upper).toBe(3);
  expect(stored.tumour_suv_bw_upper).toBe(8);
});

it.each([
  { layout: 'toString' },
  { layout: 7, ct_width_hu: -5, fusion_opacity: Number.NaN, crosshair_shown: 'yes' },
  { tumour_suv_bw_upper: 1e9, brush_radius_mm: null, mip_degrees_per_s: '15', pet_colours: 'pink' },
])('takes the default where what was stored cannot be used: %o', (broken) => {
  expect(readSettings(broken as unknown as StoredSettings, 'tumour')).toEqual(readSettings({}, 'tumour'));
});

it('names every layout by a key of its own', () => {
  const keys = Object.values(LAYOUTS).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

it('gives back what the tools were set to, whichever threshold the isocontour had', () => {
  const contours = [
    { kind: 'fraction', fraction: 0.5 },
    { kind: 'fixed', suv_bw: 4 },
  ] as const;
  const defaults = readSettings({}, 'tumour');
  for (const contour of contours) {
    const tool = { ...defaults.tool, contour, tolerance: 0.25, bound_mm: 60, margin_mm: 2.5, island_ml: 1.5 };
    const stored = storedSettings({ ...defaults, tool }, 'tumour', {});
    expect(readSettings(JSON.parse(JSON.stringify(stored)), 'tumour').tool).toEqual(tool);
  }
});

it('remembers PERCIST, but not the threshold, which each liver gives anew', () => {
  const { contour } = readSettings({ contour_kind: 'percist', contour_suv_bw: 3 }, 'tumour').tool;
  expect(contour).toEqual({ kind: 'percist', suv_bw: Number.NaN });
});
