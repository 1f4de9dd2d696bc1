// Lean body mass and SUL: SUVbw by lean body mass instead of weight, which body fat does not raise.
//
// Janmahasatian et al., Clin Pharmacokinet 2005;44:1051, as recommended for SUL by EANM 2.0 (Eur J Nucl Med Mol Imaging
// 2015;42:328). James' older formula turns over in obesity (a heavier patient gets a lower mass), so it is not used.
export interface Body {
  readonly sex: 'F' | 'M' | null;
  readonly height_m: number | null;
  readonly weight_kg: number | null;
}

export const LEAN_BODY_MASS_FORMULA = 'Janmahasatian 2005';

export function leanBodyMassKg(sex: 'F' | 'M', height_m: number, weight_kg: number): number {
  const bmi_kg_m2 = weight_kg / height_m ** 2;
  return (9270 * weight_kg) / (sex === 'F' ? 8780 + 244 * bmi_kg_m2 : 6680 + 216 * bmi_kg_m2);
}

/** SUL = SUVbw × this; or the sentence that says what is missing. */
export function sulPerSuvBw({ sex, height_m, weight_kg }: Body): number | string {
  const missing = [
    ['sex', sex],
    ['height', height_m],
    ['weight', weight_kg],
  ].filter(([, value]) => value === null);
  if (sex === null || height_m === null || weight_kg === null) {
    const names = missing.map(([name]) => name).join(' and ');
    return `PERCIST needs SUL, and neither the images nor the clinical record say the patient's ${names}: use another threshold.`;
  }
  return leanBodyMassKg(sex, height_m, weight_kg) / weight_kg;
}
