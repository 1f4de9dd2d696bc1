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
