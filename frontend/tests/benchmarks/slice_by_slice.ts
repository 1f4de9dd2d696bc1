// Cornerstone's own way of loading: its streaming volume loader, its request pool, one WADO-RS frame request per slice.
// Only the few lines between the answer and the image are ours; they cost less than the decoder of its DICOM loader.
import { cache, eventTarget, Enums, imageLoader, type Types, utilities, volumeLoader } from '@cornerstonejs/core';

type Elements = Record<string, { Value?: unknown[] }>;
const SCHEME = 'bench-wadors';

export interface LoadingVolume {
  readonly volumeId: string;
  readonly middle: Promise<void>;
  readonly all: Promise<void>;
}

async function json<T>(address: string): Promise<T> {
  const answer = await fetch(address, { headers: { Accept: 'application/dicom+json' } });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer.json();
}

const value = <T>(elements: Elements, tag: string): T => elements[tag]?.Value?.[0] as T;
const values = (elements: Elements, tag: string): number[] => (elements[tag]?.Value ?? []) as number[];

function describe(imageId: string, header: Elements, modality: string, seriesUid: string): void {
  const add = (type: string, metadata: object) => utilities.genericMetadataProvider.add(imageId, { type, metadata });
  const orientation = values(header, '00200037');
  const [rowSpacing, columnSpacing] = values(header, '00280030');
  const rows = value<number>(header, '00280010');
  const columns = value<number>(header, '00280011');
  add('imagePlaneModule', {
    frameOfReferenceUID: value<string>(header, '00200052'),
    rows,
    columns,
    imageOrientationPatient: orientation,
    rowCosines: orientation.slice(0, 3),
    columnCosines: orientation.slice(3, 6),
    imagePositionPatient: values(header, '00200032'),
    sliceThickness: value<number>(header, '00180050'),
    pixelSpacing: [rowSpacing, columnSpacing],
    rowPixelSpacing: rowSpacing,
    columnPixelSpacing: columnSpacing,
  });
  add('imagePixelModule', {
    rows,
    columns,
    samplesPerPixel: 1,
    photometricInterpretation: 'MONOCHROME2',
    bitsAllocated: 16,
    bitsStored: value<number>(header, '00280101'),
    highBit: value<number>(header, '00280102'),
    pixelRepresentation: value<number>(header, '00280103'),
  });
  add('generalSeriesModule', { modality, seriesInstanceUID: seriesUid, studyInstanceUID: seriesUid });
  add(
    'voiLutModule',
    modality === 'CT' ? { windowCenter: [40], windowWidth: [400] } : { windowCenter: [4], windowWidth: [8] },
  );
  add('modalityLutModule', {
    rescaleSlope: value<number>(header, '00281053') ?? 1,
    rescaleIntercept: value<number>(header, '00281052') ?? 0,
  });
  if (modality === 'PT') add('scalingModule', { suvbw: 1 });
}

/** The part of a multipart answer between its header and its closing boundary. */
function onlyPart(body: ArrayBuffer, length: number): ArrayBuffer {
  const head = new TextDecoder('latin1').decode(new Uint8Array(body, 0, Math.min(512, body.byteLength)));
  const start = head.indexOf('\r\n\r\n', 2) + 4;
  return body.slice(start, start + length);
}

const arrived = new Map<string, () => void>();

function loadFrame(imageId: string): { promise: Promise<Types.IImage> } {
  return { promise: frame(imageId) };
}

async function frame(imageId: string): Promise<Types.IImage> {
  const address = imageId.slice(SCHEME.length + 1);
  const answer = await fetch(address, {
    headers: { Accept: 'multipart/related; type="application/octet-stream"; transfer-syntax=*' },
  });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  const plane = utilities.genericMetadataProvider.get('imagePlaneModule', imageId) as {
    rows: number;
    columns: number;
    pixelSpacing: [number, number];
  };
  const pixel = utilities.genericMetadataProvider.get('imagePixelModule', imageId) as { pixelRepresentation: number };
  const lut = utilities.genericMetadataProvider.get('modalityLutModule', imageId) as {
    rescaleSlope: number;
    rescaleIntercept: number;
  };
  const bytes = onlyPart(await answer.arrayBuffer(), plane.rows * plane.columns * 2);
  const stored = pixel.pixelRepresentation === 1 ? new Int16Array(bytes) : new Uint16Array(bytes);
  const isPet = 'suvbw' in ((utilities.genericMetadataProvider.get('scalingModule', imageId) as object) ?? {});
  const scaled = isPet ? new Float32Array(stored.length) : new Int16Array(stored.length);
  for (let i = 0; i < stored.length; i++) scaled[i] = stored[i] * lut.rescaleSlope + lut.rescaleIntercept;
  const image = imageLoader.createAndCacheLocalImage(`local:${imageId}`, {
    scalarData: scaled,
    dimensions: [plane.columns, plane.rows],
    spacing: [plane.pixelSpacing[1], plane.pixelSpacing[0]],
    targetBuffer: { type: scaled.constructor.name as 'Int16Array' },
  } as never);
  Object.assign(image, {
    imageId,
    preScale: { enabled: true, scaled: true, scalingParameters: lut },
    imageQualityStatus: Enums.ImageQualityStatus.FULL_RESOLUTION,
  });
  cache.removeImageLoadObject(`local:${imageId}`);
  queueMicrotask(() => arrived.get(imageId)?.());
  return image;
}

async function volumeOf(dicomweb: string, modality: string): Promise<LoadingVolume & { start: () => void }> {
  const [found] = await json<Elements[]>(`${dicomweb}/series?Modality=${modality}`);
  const seriesUid = value<string>(found, '0020000E');
  const root = `${dicomweb}/studies/${value<string>(found, '0020000D')}/series/${seriesUid}`;
  const headers = await json<Elements[]>(`${root}/metadata`);
  const imageIds = headers.map((header) => {
    const imageId = `${SCHEME}:${root}/instances/${value<string>(header, '00080018')}/frames/1`;
    describe(imageId, header, modality, seriesUid);
    return imageId;
  });
  const volumeId = `cornerstoneStreamingImageVolume:${modality}`;
  const volume = (await volumeLoader.createAndCacheVolume(volumeId, { imageIds })) as Types.IStreamingImageVolume;
  const middleId = volume.imageIds[Math.floor(volume.imageIds.length / 2)];
  const middle = new Promise<void>((resolve) => arrived.set(middleId, resolve));
  const all = new Promise<void>((resolve) => {
    eventTarget.addEventListener(Enums.Events.IMAGE_VOLUME_LOADING_COMPLETED, ((event: CustomEvent) => {
      if (event.detail.volumeId === volumeId) resolve();
    }) as EventListener);
  });
  return { volumeId, middle, all, start: () => volume.load() };
}

export async function loadSliceBySlice(dicomweb: string) {
  imageLoader.registerImageLoader(SCHEME, loadFrame as never);
  const [ct, pet] = await Promise.all([volumeOf(dicomweb, 'CT'), volumeOf(dicomweb, 'PT')]);
  const start = () => {
    ct.start();
    pet.start();
  };
  return { ct, pet, start };
}
