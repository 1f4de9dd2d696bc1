// What the server says about the case: the page's only input (GET data-manifest-url).
import type { Geometry, Vec3 } from '../lib/lps';
import type { Body } from './drawing/lean_body_mass';

export interface SlabEntry {
  readonly url: string;
  readonly first_slice: number;
  readonly slice_count: number;
}

export interface VolumeEntry {
  readonly id: string;
  readonly unit: string;
  readonly geometry: Geometry;
  readonly dtype: 'int16' | 'uint16';
  readonly slope: number;
  readonly intercept: number;
  readonly preview: { readonly url: string; readonly geometry: Geometry };
  readonly slabs: readonly SlabEntry[];
  readonly passport?: { readonly factor_text: string; readonly warnings: readonly string[] };
}

export type LesionRole = 'primary' | 'node' | 'metastasis' | 'bat';

export interface Lesion {
  readonly label: number;
  readonly name: string;
  readonly role: LesionRole;
  readonly site: string;
}

export interface Revision {
  readonly id: string | number;
  readonly number: number;
  readonly url: string;
  readonly lesions: readonly Lesion[];
  /** Where the reader laid the liver sphere of PERCIST */
  readonly liver_lps_mm?: Vec3 | null;
}

export interface Proposal {
  readonly id: string | number;
  readonly kind: 'bat_rule' | 'nnunet' | 'consensus';
  readonly title: string;
  readonly url: string;
  readonly reject_url: string;
  /** When this reader rejected it (ISO 8601), or empty */
  readonly rejected_at: string;
}

/** Another mask on the PET grid that this page may show: laid beside the page's own to compare. */
export interface Layer {
  readonly id: string;
  readonly title: string;
  readonly kind: 'consensus' | 'reading' | 'proposal' | 'votes';
  readonly url: string;
  /** How many readers the votes are of. */
  readonly readers?: number;
  readonly volume_ml?: number;
}

export interface Manifest {
  readonly case: { readonly id: string | number; readonly pseudonym: string; readonly synthetic: boolean };
  readonly frame_of_reference_uid: string;
  /** For SUL: from the PET's header, height and weight else from the clinical record */
  readonly body: Body;
  readonly offset_lps_mm: Vec3;
  readonly volumes: { readonly ct: VolumeEntry; readonly pet: VolumeEntry };
  readonly task: {
    readonly kind: 'tumour' | 'bat';
    readonly purpose?: string;
    /** Whose mask is drawn full, where the page shows those of several. */
    readonly shown_title?: string;
    readonly assignment_id: string | number;
    readonly reader_id: string;
    readonly state: 'open' | 'submitted';
    readonly may_draw: boolean;
    readonly read_only_reason: string;
  };
  readonly revision: Revision | null;
  readonly layers?: readonly Layer[];
  readonly proposals: readonly Proposal[];
  readonly urls: Readonly<
    Record<
      'save' | 'restore' | 'compare' | 'merge' | 'time' | 'view' | 'sign_in' | 'submit' | 'offset' | 'next',
      string
    >
  >;
  readonly csrf_token: string;
}
