// Live measures are those of the server: worker/compute/uptake.py wrote the answers (tests/known_answers/uptake.py).
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Geometry } from '../src/lib/lps';
import { Labelmap } from '../src/viewer/labelmap';
import { LesionTally } from '../src/viewer/statistics';

interface Case {
  name: string;
  geometry: Geometry;
  suv_bw_steps: number[];
  offsets: number[];
  answer: Record<string, number>;
}

const FILE = new URL('../../tests/known_answers/uptake.json', import.meta.url);
const { step_suv_bw, cases }: { step_suv_bw: number; cases: Case[] } = JSON.parse(readFileSync(FILE, 'utf8'));

for (const { name, geometry, suv_bw_steps, offsets, answer } of cases) {
  it(`measures as the server does: ${name}`, () => {
    const labels = new Uint8Array(suv_bw_steps.length);
    for (const offset of offsets) labels[offset] = 1;
    const suv_bw = Float32Array.from(suv_bw_steps, (steps) => steps * step_suv_bw);
    const tally = new LesionTally(new Labelmap(geometry, labels), suv_bw, () => 'tissue');
    const measured = tally.all().get(1);
    expect(measured?.voxels).toBe(answer.voxel_count);
    expect(measured?.suv_bw_max).toBe(answer.suv_bw_max);
    expect(measured?.suv_bw_mean).toBeCloseTo(answer.suv_bw_mean, 10);
    expect(measured?.suv_bw_peak).toBeCloseTo(answer.suv_bw_peak, 10);
    expect(measured?.mtv_ml).toBeCloseTo(answer.metabolic_tumour_volume_ml, 10);
    expect(measured?.tlg_g).toBeCloseTo(answer.total_lesion_glycolysis_g, 10);
  });
}
