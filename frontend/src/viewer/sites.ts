// Where tumours of the female pelvis and their metastases are found; offered while typing, any other text is taken too.
import { el } from '../lib/dom';

const BOTH_SIDES = [
  'Ovary',
  'Fallopian tube',
  'Parametrium',
  'Obturator node',
  'Internal iliac node',
  'External iliac node',
  'Common iliac node',
  'Inguinal node',
  'Supraclavicular node',
  'Axillary node',
  'Adrenal gland',
];

const SITES = [
  'Cervix uteri',
  'Corpus uteri (endometrium)',
  'Corpus uteri (myometrium)',
  'Vagina',
  'Vulva',
  ...BOTH_SIDES.flatMap((site) => [`${site}, left`, `${site}, right`]),
  'Presacral node',
  'Para-aortic node below the renal veins',
  'Para-aortic node above the renal veins',
  'Mediastinal node',
  'Bladder',
  'Rectum',
  'Peritoneum',
  'Omentum',
  'Liver',
  'Spleen',
  'Lung',
  'Pleura',
  'Bone',
  'Brain',
];

export const SITES_ID = 'viewer-sites';

export function siteList(): HTMLElement {
  return el('datalist', { id: SITES_ID }, ...SITES.map((value) => el('option', { value })));
}
