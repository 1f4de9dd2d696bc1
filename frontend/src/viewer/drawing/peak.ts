// SUVpeak of a voxel: the mean in a sphere of 1 ml about its centre, each voxel weighted by its share of the sphere.
//
// PERCIST (Wahl 2009), IBSI 0F91. The same definition as worker/compute/uptake.py; tests/known_answers holds them together.
import type { Geometry, Vec3 } from '../../lib/lps';
import { indexOf } from './box';

export const PEAK_RADIUS_MM = (3000 / (4 * Math.PI)) ** (1 / 3);
const SUBDIVISION = 8;

interface Weighted {
  readonly step_xyz: Vec3;
  readonly share: number;
}

/** The voxels about the middle one that the sphere reaches into, with the share of each that lies inside. */
export function peakSphere(spacing_mm: Vec3): Weighted[] {
  const reach = spacing_mm.map((spacing) => Math.ceil(PEAK_RADIUS_MM / spacing + 0.5) - 1);
  const found: Weighted[] = [];
  for (let z = -reach[2]; z <= reach[2]; z++)
    for (let y = -reach[1]; y <= reach[1]; y++)
      for (let x = -reach[0]; x <= reach[0]; x++) {
        const share = shareInside([x, y, z], spacing_mm);
        if (share > 0) found.push({ step_xyz: [x, y, z], share });
      }
  return found;
}

function shareInside(step_xyz: Vec3, spacing_mm: Vec3): number {
  const squares = step_xyz.map((step, axis) =>
    Array.from({ length: SUBDIVISION }, (_, i) => ((step + (i + 0.5) / SUBDIVISION - 0.5) * spacing_mm[axis]) ** 2),
  );
  let inside = 0;
  for (const z of squares[2])
    for (const y of squares[1]) for (const x of squares[0]) if (x + y + z <= PEAK_RADIUS_MM ** 2) inside++;
  return inside / SUBDIVISION ** 3;
}

/** Sphere means by voxel, each computed when it is first asked for. Beyond the image's edge nothing is counted. */
export class PeakMeans {
  private readonly sphere: Weighted[];
  private readonly known = new Map<number, number>();

  constructor(
    private readonly grid: Geometry,
    private readonly suv_bw: ArrayLike<number>,
  ) {
    this.sphere = peakSphere(grid.spacing_mm);
  }

  /** The PET changed (more of it arrived). */
  forget(): void {
    this.known.clear();
  }

  at(offset: number): number {
    let mean = this.known.get(offset);
    if (mean === undefined) {
      mean = this.meanAbout(offset);
      this.known.set(offset, mean);
    }
    return mean;
  }

  private meanAbout(offset: number): number {
    const [nx, ny, nz] = this.grid.size_xyz;
    const [x, y, z] = indexOf(this.grid, offset);
    let total = 0;
    let weight = 0;
    for (const {
      step_xyz: [dx, dy, dz],
      share,
    } of this.sphere) {
      if (x + dx < 0 || x + dx >= nx || y + dy < 0 || y + dy >= ny || z + dz < 0 || z + dz >= nz) continue;
      total += share * this.suv_bw[offset + dx + nx * (dy + ny * dz)];
      weight += share;
    }
    return total / weight;
  }
}
