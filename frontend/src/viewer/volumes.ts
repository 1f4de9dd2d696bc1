// Cornerstone volumes over one buffer of ours each, which loading fills in any order and drawing changes in place.
import { cache, getRenderingCapabilities, ImageVolume, utilities } from '@cornerstonejs/core';
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

// What stored values can be. Cornerstone takes it for the ends of a table of opacity, and without graphics of grey values.
const RANGES = { CT: [-32768, 32767], PT: [0, 100], SEG: [0, 255] } as const;

type Triple = [number, number, number];

const SUV_BW_AS_STORED = {
  enabled: true,
  scaled: true,
  scalingParameters: { suvbw: 1, rescaleSlope: 1, rescaleIntercept: 0, modality: 'PT' },
};

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

// createAndCacheLocalImage would look at every voxel for the least and the largest before the first picture.
function cacheSlice(imageId: string, slice: number, description: VolumeDescription): void {
  const { geometry, modality, frameOfReferenceUID, referenced } = description;
  const [columns, rows] = geometry.size_xyz;
  const scalarData = description.voxels.subarray(slice * columns * rows, (slice + 1) * columns * rows);
  const voxelManager = utilities.VoxelManager.createImageVoxelManager({
    height: rows,
    width: columns,
    numberOfComponents: 1,
    scalarData,
    id: imageId,
  });
  const [least, largest] = RANGES[modality];
  const image = {
    imageId,
    intercept: 0,
    slope: 1,
    windowCenter: 0,
    windowWidth: 0,
    color: false,
    rgba: undefined,
    invert: false,
    numberOfComponents: 1,
    dataType: scalarData.constructor.name,
    minPixelValue: least,
    maxPixelValue: largest,
    rows,
    columns,
    height: rows,
    width: columns,
    columnPixelSpacing: geometry.spacing_mm[0],
    rowPixelSpacing: geometry.spacing_mm[1],
    FrameOfReferenceUID: frameOfReferenceUID,
    getCanvas: undefined,
    getPixelData: () => voxelManager.getScalarData(),
    voxelManager,
    sizeInBytes: scalarData.byteLength,
    referencedImageId: referenced?.imageIds[slice],
    ...(modality === 'PT' ? { preScale: SUV_BW_AS_STORED } : {}),
  };
  cache.putImageSync(imageId, image as never);
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

// What of vtk.js's texture is used here beyond Cornerstone's own typings of it.
interface Texture {
  getHandle(): unknown;
  getUpdatedFrames(): boolean[];
  resetFormatAndType(): void;
  setOpenGLRenderWindow(window: unknown): void;
  setOglNorm16Ext(extension: unknown): void;
  setMinificationFilter(filter: number): void;
  setMagnificationFilter(filter: number): void;
  setTextureParameters(parameters: object): void;
  create3DFromRaw(parameters: object): void;
  update3DFromRaw(): void;
}

// vtk.js's Filter.LINEAR
const LINEAR = 1;

/**
 * Gives a volume its empty texture before any pane shows it, so that slices can be sent as they arrive. It is what
 * Cornerstone's mapper makes when it first draws; there it would send every slice in one go.
 */
export function makeTexture(volume: ImageVolume, window: { getContext(): WebGL2RenderingContext }): void {
  const texture = volume.vtkOpenGLTexture as unknown as Texture;
  const { norm16, norm16Linear } = getRenderingCapabilities();
  const [width, height, depth] = volume.dimensions;
  const dataType = volume.dataType;
  texture.setOpenGLRenderWindow(window);
  texture.setOglNorm16Ext(norm16 && norm16Linear ? window.getContext().getExtension('EXT_texture_norm16') : null);
  texture.setMinificationFilter(LINEAR);
  texture.setMagnificationFilter(LINEAR);
  texture.resetFormatAndType();
  texture.setTextureParameters({ width, height, depth, numberOfComponents: 1, dataType });
  texture.create3DFromRaw({ width, height, depth, numComps: 1, dataType, data: null });
  // Each of these calls marks every slice as changed.
  texture.getUpdatedFrames().length = 0;
}

/** Sends the slices that were touched to the graphics card now, without drawing. */
export function sendSlices(volume: ImageVolume): void {
  const texture = volume.vtkOpenGLTexture as unknown as Texture;
  if (texture.getHandle()) texture.update3DFromRaw();
}

/** Moves a volume in space (a reader's PET offset) without touching a voxel. */
export function placeVolume(volume: ImageVolume, origin_lps_mm: Vec3): void {
  volume.origin = [...origin_lps_mm] as Triple;
  volume.imageData?.setOrigin([...origin_lps_mm]);
  volume.imageData?.modified();
}
