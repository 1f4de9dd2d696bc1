// Cornerstone volumes over one buffer of ours each, which loading fills in any order and drawing changes in place.
import { cache, ImageVolume, imageLoader, utilities } from '@cornerstonejs/core';
import { axisOf, type Geometry, indexToLps, type Vec3 } from '../lib/lps';

export type Voxels = Int16Array | Float32Array | Uint8Array;

export interface VolumeDescription {
  readonly volumeId: string;
  readonly geometry: Geometry;
  readonly voxels: Voxels;
  readonly modality: 'CT' | 'PT' | 'SEG';
  readonly frameOfReferenceUID: string;
  readonly referenced?: ImageVolume;
}

const made: ImageVolume[] = [];

// vtk.js's typings leave the argument out.
type Releasable = { releaseGraphicsResources(window: unknown): void };

type Triple = [number, number, number];

/** Axes as Cornerstone lists them: x axis, y axis, z axis. */
function directionOf(geometry: Geometry): number[] {
  return [0, 1, 2].flatMap((axis) => [...axisOf(geometry, axis)]);
}

// createLocalVolume gives every slice the same origin; so each slice is described by itself, at its true place.
function describeSlice(imageId: string, slice: number, description: VolumeDescription): void {
  const { geometry, voxels, modality, frameOfReferenceUID, volumeId } = description;
  const [columns, rows] = geometry.size_xyz;
  const [columnSpacing, rowSpacing, sliceThickness] = geometry.spacing_mm;
  const direction = directionOf(geometry);
  const bits = voxels.BYTES_PER_ELEMENT * 8;
  const describe = (type: string, metadata: object) =>
    utilities.genericMetadataProvider.add(imageId, { type, metadata });
  describe('imagePlaneModule', {
    frameOfReferenceUID,
    rows,
    columns,
    sliceThickness,
    imageOrientationPatient: direction.slice(0, 6),
    rowCosines: direction.slice(0, 3),
    columnCosines: direction.slice(3, 6),
    imagePositionPatient: [...indexToLps(geometry, [0, 0, slice])],
    pixelSpacing: [rowSpacing, columnSpacing],
    rowPixelSpacing: rowSpacing,
    columnPixelSpacing: columnSpacing,
  });
  describe('imagePixelModule', {
    rows,
    columns,
    samplesPerPixel: 1,
    photometricInterpretation: 'MONOCHROME2',
    bitsAllocated: bits,
    bitsStored: bits,
    highBit: bits - 1,
    pixelRepresentation: voxels instanceof Uint8Array ? 0 : 1,
  });
  describe('generalSeriesModule', { modality, seriesInstanceUID: volumeId, studyInstanceUID: volumeId });
  describe(
    'voiLutModule',
    modality === 'CT' ? { windowCenter: [40], windowWidth: [400] } : { windowCenter: [4], windowWidth: [8] },
  );
  describe('modalityLutModule', { rescaleSlope: 1, rescaleIntercept: 0 });
  if (modality === 'PT') describe('scalingModule', { suvbw: 1 });
}

function cacheSlice(imageId: string, slice: number, { geometry, voxels, modality, ...rest }: VolumeDescription): void {
  const [columns, rows] = geometry.size_xyz;
  const image = imageLoader.createAndCacheLocalImage(imageId, {
    scalarData: voxels.subarray(slice * columns * rows, (slice + 1) * columns * rows),
    dimensions: [columns, rows],
    spacing: [geometry.spacing_mm[0], geometry.spacing_mm[1]],
    origin: [...indexToLps(geometry, [0, 0, slice])] as Triple,
    direction: directionOf(geometry) as never,
    frameOfReferenceUID: rest.frameOfReferenceUID,
    referencedImageId: rest.referenced?.imageIds[slice],
    targetBuffer: { type: voxels.constructor.name as 'Int16Array' },
  });
  if (modality === 'PT') {
    const scalingParameters = { suvbw: 1, rescaleSlope: 1, rescaleIntercept: 0, modality: 'PT' };
    image.preScale = { enabled: true, scaled: true, scalingParameters };
  }
}

/** Makes and caches the volume; its voxels stay those of the caller. */
export function makeVolume(description: VolumeDescription): ImageVolume {
  const { volumeId, geometry, voxels, modality, frameOfReferenceUID, referenced } = description;
  const imageIds = Array.from({ length: geometry.size_xyz[2] }, (_, slice) => `local:${volumeId}/${slice}`);
  imageIds.forEach((imageId, slice) => {
    describeSlice(imageId, slice, description);
    cacheSlice(imageId, slice, description);
  });
  const [columns, rows] = geometry.size_xyz;
  const bits = voxels.BYTES_PER_ELEMENT * 8;
  const direction = directionOf(geometry);
  const volume = new ImageVolume({
    volumeId,
    imageIds,
    dimensions: [...geometry.size_xyz] as Triple,
    spacing: [...geometry.spacing_mm] as Triple,
    origin: [...geometry.origin_lps_mm] as Triple,
    direction: direction as never,
    dataType: voxels.constructor.name as 'Int16Array',
    referencedVolumeId: referenced?.volumeId as string,
    referencedImageIds: referenced?.imageIds as string[],
    metadata: {
      FrameOfReferenceUID: frameOfReferenceUID,
      Modality: modality,
      SeriesInstanceUID: volumeId,
      PhotometricInterpretation: 'MONOCHROME2',
      SamplesPerPixel: 1,
      PixelRepresentation: voxels instanceof Uint8Array ? 0 : 1,
      BitsAllocated: bits,
      BitsStored: bits,
      HighBit: bits - 1,
      Rows: rows,
      Columns: columns,
      ImageOrientationPatient: direction.slice(0, 6),
      PixelSpacing: [geometry.spacing_mm[1], geometry.spacing_mm[0]],
      voiLut: [],
    } as never,
  });
  if (modality === 'PT') {
    volume.scaling = { PT: { suvbw: 1 } } as never;
    volume.isPreScaled = true;
  }
  cache.putVolumeSync(volumeId, volume);
  made.push(volume);
  return volume;
}

/** After the graphics were lost: every volume lets go of the old ones and is sent whole to the next. */
export function releaseTextures(old_window: unknown): void {
  for (const { vtkOpenGLTexture, imageData } of made) {
    (vtkOpenGLTexture as Releasable).releaseGraphicsResources(old_window);
    vtkOpenGLTexture.modified();
    imageData?.modified();
  }
}

/** Tells the graphics card that slices changed; the caller renders. */
export function touchSlices(volume: ImageVolume, slices: Iterable<number>): void {
  for (const slice of slices) volume.vtkOpenGLTexture.setUpdatedFrame(slice);
  volume.imageData?.modified();
}

/** Moves a volume in space (a reader's PET offset) without touching a voxel. */
export function placeVolume(volume: ImageVolume, origin_lps_mm: Vec3): void {
  volume.origin = [...origin_lps_mm] as Triple;
  volume.imageData?.setOrigin([...origin_lps_mm]);
  volume.imageData?.modified();
}
