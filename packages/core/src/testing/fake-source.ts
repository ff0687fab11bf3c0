import type { OpenOptions, Source, SourceImage } from '../source.ts';
import { TransferError } from '../transfer-error.ts';
import { type Hold, type HoldOptions, Holds } from './hold.ts';
import { mediaTypeOf } from './media-type.ts';

/** An image of a {@link FakeSource}: its bytes, or its bytes and how they come. */
export type FakeImage = Uint8Array | DescribedImage;

/** How the bytes of an image come. */
export interface DescribedImage {
  /** The whole image. */
  readonly bytes: Uint8Array;
  /** The media type. @default told by the first bytes, `application/octet-stream` when they are of none */
  readonly type?: string;
  /** Pixels, as the source tells them. @default it tells none */
  readonly width?: number;
  readonly height?: number;
  /** Into how many chunks the body is cut. @default 1 */
  readonly chunks?: number;
  /** Whether the body is a stream, to be read once, and not a list. @default false */
  readonly stream?: boolean;
  /** Awaited before each chunk of a stream is handed out. @default nothing is waited for */
  readonly beforeChunk?: (index: number) => Promise<void> | void;
  /** Thrown by a stream in place of its last chunk. @default none */
  readonly breaksWith?: TransferError;
}

/** What a URL leads to: an image, an error, or a function that is asked at every open, from 1. */
export type FakePicture =
  | FakeImage
  | TransferError
  | ((open: number) => FakeImage | TransferError | Promise<FakeImage | TransferError>);

/** A source inside the process. It keeps to the limits of the host and to signals as a real one does. */
export interface FakeSource extends Source {
  /** The URLs that were opened so far, in order, those that failed included. */
  readonly opened: readonly string[];
  /** How many images are open now. It has to be 0 again at the end of every test. */
  readonly live: number;
  /** Adds a picture or replaces it. */
  set(url: string, picture: FakePicture): void;
  /** Holds opens back until released. */
  hold(options?: HoldOptions): Hold;
}

/** Makes a source that knows the given pictures by their URL; any other URL fails with `source_status`. */
export function createFakeSource(pictures: Readonly<Record<string, FakePicture>> = {}): FakeSource {
  return new InProcessSource(pictures);
}

class InProcessSource implements FakeSource {
  readonly opened: string[] = [];
  readonly #pictures: Map<string, FakePicture>;
  readonly #holds = new Holds();
  live = 0;

  constructor(pictures: Readonly<Record<string, FakePicture>>) {
    this.#pictures = new Map(Object.entries(pictures));
  }

  async open(url: string, { limits, signal }: OpenOptions): Promise<SourceImage> {
    signal.throwIfAborted();
    this.opened.push(url);
    await this.#holds.pass(signal);
    const image = describe(await this.#find(url));
    signal.throwIfAborted();
    checkLimits(image, limits.maxBytes);
    return this.#hand(image, signal);
  }

  set(url: string, picture: FakePicture): void {
    this.#pictures.set(url, picture);
  }

  hold(options?: HoldOptions): Hold {
    return this.#holds.add(options);
  }

  async #find(url: string): Promise<FakeImage> {
    const picture = this.#pictures.get(url);
    const opens = this.opened.filter((each) => each === url).length;
    const found = typeof picture === 'function' ? await picture(opens) : picture;
    if (found === undefined) throw new TransferError('source_status', 'the source answered 404');
    if (found instanceof TransferError) throw found;
    return found;
  }

  #hand(image: TypedImage, signal: AbortSignal): SourceImage {
    const closed = new AbortController();
    this.live += 1;
    const dispose = (): void => {
      if (closed.signal.aborted) return;
      this.live -= 1;
      closed.abort(new Error('the image was disposed of'));
    };
    const chunks = cut(image.bytes, image.chunks ?? 1);
    const body = image.stream ? streamed(chunks, image, AbortSignal.any([signal, closed.signal])) : chunks;
    const { type, width, height } = image;
    const told = { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
    return { type, bytes: image.bytes.length, ...told, body, dispose };
  }
}

type TypedImage = DescribedImage & { readonly type: string };

function describe(image: FakeImage): TypedImage {
  const described = image instanceof Uint8Array ? { bytes: image } : image;
  const head = Buffer.from(described.bytes.subarray(0, 4096));
  return { type: mediaTypeOf(head) ?? 'application/octet-stream', ...described };
}

function checkLimits({ type, bytes }: TypedImage, maxBytes: Readonly<Record<string, number>>): void {
  const most = maxBytes[type];
  if (most === undefined) throw new TransferError('unsupported_type', `the host does not take ${type}`);
  if (bytes.length <= most) return;
  throw new TransferError('too_large', `the image has ${bytes.length} bytes; the host takes ${most}`);
}

function cut(bytes: Uint8Array, chunks: number): Uint8Array[] {
  const chunkBytes = Math.max(1, Math.ceil(bytes.length / chunks));
  const count = Math.ceil(bytes.length / chunkBytes);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes));
}

async function* streamed(
  chunks: readonly Uint8Array[],
  { beforeChunk, breaksWith }: DescribedImage,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const [index, chunk] of chunks.entries()) {
    await orAborted(beforeChunk?.(index), signal);
    if (breaksWith && index === chunks.length - 1) throw breaksWith;
    yield chunk;
  }
}

async function orAborted(step: Promise<void> | void, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!step) return;
  const left = Promise.withResolvers<never>();
  const onAbort = (): void => left.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([step, left.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
