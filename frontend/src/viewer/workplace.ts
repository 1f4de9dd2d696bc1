// One case opened for reading: its voxels, the reading in the making, and where the PET lies now.
import type { ImageVolume } from '@cornerstonejs/core';
import { getBytes } from '../api/client';
import { gunzip } from '../lib/bytes';
import { type Geometry, lpsToIndex, middleOfOverlap, moved, type Vec3, voxelCount } from '../lib/lps';
import { type Draft, type DraftOwner, Drafts, holdWindow } from './drafts';
import { surroundingOf } from './drawing/surroundings';
import { applyRuns } from './edits';
import type { Opening } from './keeper_worker';
import { Labelmap } from './labelmap';
import { LabelsDisplay } from './labels_display';
import { type Filled, fetchPreview, loadSlabs, type Preview, type SlabTarget, spreadPreview } from './loading';
import type { Manifest, Revision } from './manifest';
import { Reading } from './reading';
import { LesionTally } from './statistics';
import { makeVolume, placeVolume } from './volumes';

export const VOLUME_IDS = { ct: 'petra/ct', pet: 'petra/pet' } as const;
/** A quarter of the CT's voxels along each axis, half of the PET's: small enough to be on the screen at once. */
export const PREVIEW_IDS = { ct: 'petra/ct-preview', pet: 'petra/pet-preview' } as const;

export class Workplace {
  readonly drafts = new Drafts();
  readonly hu: Int16Array;
  readonly suv_bw: Float32Array;
  offset_lps_mm: Vec3;
  readonly owner: DraftOwner;
  /** What the keeper starts from, and other drafts that were left behind in this browser. */
  opening!: Opening;
  left_behind: readonly Draft[] = [];
  reading!: Reading;
  labels!: LabelsDisplay;
  ct!: ImageVolume;
  pet!: ImageVolume;
  private previews!: { readonly ct: Preview; readonly pet: Preview };
  private pet_preview!: ImageVolume;

  constructor(readonly manifest: Manifest) {
    this.hu = new Int16Array(voxelCount(manifest.volumes.ct.geometry));
    this.suv_bw = new Float32Array(voxelCount(manifest.volumes.pet.geometry));
    this.offset_lps_mm = manifest.offset_lps_mm;
    const { reader_id, assignment_id } = manifest.task;
    this.owner = { reader_id, assignment_id: String(assignment_id), visit: crypto.randomUUID() };
    holdWindow(this.owner.visit);
  }

  /** The draft of an earlier visit that this one goes on from. */
  get draft(): Draft | undefined {
    return this.opening.resumed?.draft;
  }

  get ct_geometry(): Geometry {
    return this.manifest.volumes.ct.geometry;
  }

  /** The PET's grid where the offset puts it. */
  get pet_geometry(): Geometry {
    return moved(this.manifest.volumes.pet.geometry, this.offset_lps_mm);
  }

  /** Where to look first: the middle of what CT and PET both cover. */
  get first_view_lps_mm(): Vec3 {
    return middleOfOverlap(this.ct_geometry, this.pet_geometry);
  }

  /** Loads previews and the reading, and makes the volumes from them. */
  async open(): Promise<void> {
    const { ct, pet } = this.manifest.volumes;
    const [ct_preview, pet_preview, labels] = await Promise.all([
      fetchPreview(ct),
      fetchPreview(pet),
      this.loadLabels(),
    ]);
    this.previews = { ct: ct_preview, pet: pet_preview };
    this.makeVolumes();
    const lesions = this.draft?.lesions ?? this.manifest.revision?.lesions ?? [];
    const labelmap = new Labelmap(pet.geometry, labels);
    this.reading = new Reading(labelmap, lesions, this.manifest.task.kind);
    this.reading.liver_lps_mm = (this.draft ?? this.manifest.revision)?.liver_lps_mm ?? null;
    // What was drawn before is measured at once.
    if (labelmap.labels.length > 0) spreadPreview(this.suv_bw, pet.geometry, pet_preview);
    const { frame_of_reference_uid } = this.manifest;
    this.labels = new LabelsDisplay(labelmap, frame_of_reference_uid, this.pet, this.offset_lps_mm);
  }

  /** Fills every voxel with what the previews say, for a look without graphics, which draws from the full arrays. */
  fillFromPreviews(): void {
    const { ct, pet } = this.manifest.volumes;
    spreadPreview(this.hu, ct.geometry, this.previews.ct);
    spreadPreview(this.suv_bw, pet.geometry, this.previews.pet);
  }

  private makeVolumes(): void {
    const { ct, pet } = this.previews;
    const make = (volumeId: string, modality: 'CT' | 'PT', geometry: Geometry, voxels: Filled) =>
      makeVolume({
        volumeId,
        geometry,
        voxels,
        modality,
        frameOfReferenceUID: this.manifest.frame_of_reference_uid,
      });
    make(PREVIEW_IDS.ct, 'CT', ct.geometry, ct.voxels);
    const placed = moved(pet.geometry, this.offset_lps_mm);
    this.pet_preview = make(PREVIEW_IDS.pet, 'PT', placed, pet.voxels);
    this.ct = make(VOLUME_IDS.ct, 'CT', this.ct_geometry, this.hu);
    this.pet = make(VOLUME_IDS.pet, 'PT', this.pet_geometry, this.suv_bw);
  }

  /** The draft that this browser kept, otherwise the newest revision, otherwise nothing drawn. */
  private async loadLabels(): Promise<Uint8Array> {
    const { task, revision, volumes } = this.manifest;
    const [draft, ...others] = task.may_draw ? await this.ownDrafts() : [];
    this.left_behind = others;
    const parent = draft ? draft.parent : revision;
    const [nx, ny] = volumes.pet.geometry.size_xyz;
    const keeping = { owner: this.owner, voxels_per_slice: nx * ny, parent };
    const nothing = new Uint8Array(voxelCount(volumes.pet.geometry));
    if (!draft) {
      const labels = revision ? await this.labelsOf(revision) : nothing;
      this.opening = { ...keeping, base: labels.slice() };
      return labels;
    }
    const [base, labels] = await this.resumed(draft, nothing);
    this.opening = { ...keeping, base, resumed: { draft, labels: labels.slice() } };
    await this.drafts.keep({ ...draft, ...this.owner }).then(() => this.drafts.forget(draft));
    return labels;
  }

  private ownDrafts(): Promise<Draft[]> {
    const { reader_id, assignment_id } = this.owner;
    return this.drafts.leftBehind(reader_id, assignment_id).catch(() => []);
  }

  /** What the draft was drawn on, and what it made of it. */
  private async resumed({ parent, runs_gzip, mask_gzip }: Draft, nothing: Uint8Array): Promise<Uint8Array[]> {
    try {
      const base = parent ? await this.labelsOf(parent) : nothing;
      const labels = base.slice();
      applyRuns(labels, await gunzip(runs_gzip));
      return [base, labels];
    } catch (error) {
      // A server that was restored from a backup may have lost the parent; the whole mask was kept for that.
      if (!mask_gzip) throw error;
      return [nothing, await gunzip(mask_gzip)];
    }
  }

  private async labelsOf(revision: Pick<Revision, 'number' | 'url'>): Promise<Uint8Array> {
    const labels = new Uint8Array(await getBytes(revision.url));
    const expected = voxelCount(this.manifest.volumes.pet.geometry);
    if (labels.length !== expected)
      throw new Error(`Revision ${revision.number} has ${labels.length} voxels instead of ${expected}.`);
    return labels;
  }

  /** Loads all voxels, nearest to the cursor first; says which slices of which volume have arrived. */
  async load(
    cursor: () => Vec3,
    arrived: (volume: ImageVolume, slices: readonly number[]) => void,
    progress: (share: number) => void,
  ): Promise<void> {
    const target = (
      entry: SlabTarget['entry'],
      filled: Pick<SlabTarget, 'target' | 'preview'>,
      volume: ImageVolume,
      grid: () => Geometry,
    ): SlabTarget => ({
      entry,
      ...filled,
      slice_in_view: () => lpsToIndex(grid(), cursor())[2],
      arrived: ({ first_slice, slice_count }) =>
        arrived(
          volume,
          Array.from({ length: slice_count }, (_, i) => first_slice + i),
        ),
    });
    const { ct, pet } = this.manifest.volumes;
    // The PET comes first: its voxels are what tools draw by.
    await loadSlabs(
      [
        target(pet, { target: this.suv_bw, preview: this.previews.pet }, this.pet, () => this.pet_geometry),
        target(ct, { target: this.hu, preview: this.previews.ct }, this.ct, () => this.ct_geometry),
      ],
      progress,
    );
  }

  /** Measures of what is drawn, kept up to date while drawing. */
  tally(): LesionTally {
    return new LesionTally(this.reading.labelmap, this.suv_bw, (offset) =>
      surroundingOf(this.pet_geometry, offset, this.ct_geometry, this.hu),
    );
  }

  /** Moves the PET and what is drawn on it. */
  placePet(offset_lps_mm: Vec3): void {
    this.offset_lps_mm = offset_lps_mm;
    placeVolume(this.pet, this.pet_geometry.origin_lps_mm);
    placeVolume(this.pet_preview, moved(this.previews.pet.geometry, offset_lps_mm).origin_lps_mm);
    this.labels.place(offset_lps_mm);
  }
}
