// Edits of the whole active lesion: margins, holes, islands, slices, and what a proposal adds or takes away.
import { axisAlong, type Geometry, lpsToIndex, type Vec3 } from '../lib/lps';
import { type Combination, combined } from './drawing/combine';
import { withoutIslands } from './drawing/components';
import { copiedFrom } from './drawing/copy_slice';
import { withoutHoles } from './drawing/holes';
import { interpolated } from './drawing/interpolation';
import { grown, shrunk } from './drawing/margin';
import type { Proposal } from './manifest';
import type { Reading } from './reading';
import type { ToolSettings } from './tools';

/** Where the reader looks: edits that go by slices go by the slices of this plane. */
export interface View {
  readonly place_lps_mm: Vec3;
  readonly normal: Vec3;
}

/** Each edit is one step to undo, and returns the sentence to say. */
export class LesionEdits {
  constructor(
    private readonly reading: Reading,
    private readonly settings: Readonly<ToolSettings>,
    private readonly petGeometry: () => Geometry,
    private readonly view: () => View,
  ) {}

  grow(): string {
    return this.reshape((lesion) => grown(this.grid, lesion, this.settings.margin_mm));
  }

  shrink(): string {
    return this.reshape((lesion) => shrunk(this.grid, lesion, this.settings.margin_mm));
  }

  fillHoles(): string {
    return this.reshape((lesion) => withoutHoles(this.grid, withoutHoles(this.grid, lesion, null), this.across));
  }

  removeIslands(): string {
    const { island_ml } = this.settings;
    return this.reshape((lesion) => withoutIslands(this.grid, lesion, { keep: 'at_least', volume_ml: island_ml }));
  }

  keepLargest(): string {
    return this.reshape((lesion) => withoutIslands(this.grid, lesion, { keep: 'largest' }));
  }

  interpolate(): string {
    return this.reshape((lesion) => interpolated(this.grid, lesion, this.across));
  }

  /** Adds to the slice in view what the lesion has in the one before it (−1) or after it (+1). */
  copyFrom(step: 1 | -1): string {
    const slice = Math.round(lpsToIndex(this.grid, this.view().place_lps_mm)[this.across]);
    return this.reshape((lesion) => [...lesion, ...copiedFrom(this.grid, lesion, this.across, slice + step, slice)]);
  }

  /** Unites the active lesion with all voxels of a proposal, keeps what both have, or takes the proposal away. */
  combine(proposal: Proposal, proposed: Uint8Array, how: Combination): string {
    const members = new Set<number>();
    proposed.forEach((label, offset) => {
      if (label > 0) members.add(offset);
    });
    if (how !== 'union' && this.lesion.size === 0) return NOTHING_DRAWN;
    this.reading.usedProposal(proposal);
    return this.told(this.reading.reshape(combined(this.lesion, members, how)));
  }

  private get lesion(): ReadonlySet<number> {
    return this.reading.labelmap.offsetsOf(this.reading.active_label);
  }

  private get grid(): Geometry {
    return this.petGeometry();
  }

  private get across(): number {
    return axisAlong(this.grid, this.view().normal);
  }

  private reshape(edit: (lesion: ReadonlySet<number>) => Iterable<number>): string {
    return this.lesion.size === 0 ? NOTHING_DRAWN : this.told(this.reading.reshape(edit(this.lesion)));
  }

  private told({ added, removed }: { added: number; removed: number }): string {
    if (added + removed === 0) return 'Nothing changes in the active lesion.';
    const parts = [added ? `${added} voxels added` : '', removed ? `${removed} removed` : ''].filter(Boolean);
    return `${parts.join(', ')}.`;
  }
}

const NOTHING_DRAWN = 'The active lesion holds no voxel yet: draw it first.';
