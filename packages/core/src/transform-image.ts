import { isUint8Array } from 'node:util/types';

import { faultFacts } from './fault-facts.ts';
import { foreignText } from './foreign-text.ts';
import type { Host, HostLimits } from './host.ts';
import type { ImageToTransform, ResolvedTransform, TransformedImage } from './image-transform.ts';
import { inTime } from './in-time.ts';
import type { Lease } from './lease.ts';
import type { ResolvedOptions } from './options.ts';
import type { SourceImage } from './source.ts';
import { TransferError } from './transfer-error.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Whose image it is, and what rules its transfer. */
export interface TransformContext {
  readonly lease: Lease;
  readonly options: ResolvedOptions;
  readonly signal: AbortSignal;
}

/**
 * Answers what the application's transform makes of an image; one that it does not take comes back untouched. The
 * image is disposed of once it has been read. When this rejects, that may be left to do.
 */
export async function transformImage(
  image: SourceImage,
  transform: ResolvedTransform,
  context: TransformContext,
): Promise<SourceImage> {
  const { host } = context.options;
  const maxBytes = allowedBytes(transform, image.type);
  if (maxBytes === undefined) return image;
  const bytes = await readWhole(image, maxBytes);
  image.dispose();
  const { url, jobId } = context.lease;
  const given = { url, jobId, type: image.type, bytes, ...dimensionsOf(image) };
  return checkResult(await run(transform, given, context), host);
}

/** A transform wants one piece, and one that nobody else has a part of. */
async function readWhole(image: SourceImage, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  // A source has checked this already; a source of somebody else's may not have.
  if (image.bytes > maxBytes)
    throw new TransferError(
      'too_large',
      `the image has ${image.bytes} bytes; ${maxBytes} bytes are the most that are transformed`,
    );
  const whole = new Uint8Array(image.bytes);
  let readBytes = 0;
  for await (const chunk of image.body) {
    // Throws where a source gives more than it told.
    whole.set(chunk, readBytes);
    readBytes += chunk.length;
  }
  if (readBytes === image.bytes) return whole;
  throw new TransferError('truncated', `the image ended after ${readBytes} of ${image.bytes} bytes`);
}

async function run(
  transform: ResolvedTransform,
  image: ImageToTransform,
  { lease, options, signal }: TransformContext,
): Promise<TransformedImage> {
  const { limits } = options.host;
  try {
    return await whileWanted(transform.timeoutMs, signal, (ending) =>
      transform.transform(image, { limits, signal: ending }),
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TransferError) throw withoutHostFacts(error);
    const type = foreignText(image.type);
    options.logger.warn({ ...faultFacts(lease, error), type }, 'the transform failed on an image');
    const fact = `the transform failed on this ${type}; the log has the reason`;
    throw new TransferError('transform_failed', fact, { cause: error });
  }
}

/** What goes on beyond its time, or is no longer wanted, is waited for no longer. */
async function whileWanted<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const onAbort = (): void => ending.abort(signal.reason);
  const onLate = (): never => {
    ending.abort(new TransferError('transform_failed', `the transform took longer than ${timeoutMs} ms`));
    throw ending.signal.reason;
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await inTime(unlessAborted(work(ending.signal), signal), timeoutMs, onLate);
  } catch (error) {
    throw ending.signal.aborted ? ending.signal.reason : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** No POST has been sent, whatever it says; and its words may be those of a decoder about a stranger's bytes. */
function withoutHostFacts({ code, message, retry, retryAfterMs, cause }: TransferError): TransferError {
  return new TransferError(code, foreignText(message), {
    retry,
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function checkResult(made: TransformedImage, { name, limits }: Host): SourceImage {
  const { type, body, ...rest } = Object(made) as Partial<TransformedImage>;
  if (typeof type !== 'string' || !isUint8Array(body) || body.length === 0)
    throw new TransferError('transform_failed', 'the transform made no image');
  const maxBytes = allowedBytes(limits, type);
  if (maxBytes === undefined)
    throw new TransferError(
      'unsupported_type',
      `the transform made ${foreignText(type)} of the image, which ${name} does not take`,
    );
  if (body.length > maxBytes)
    throw new TransferError(
      'too_large',
      `the transform made ${body.length} bytes of the image; ${maxBytes} bytes of ${type} are the most that ${name} takes`,
    );
  return { type, bytes: body.length, ...dimensionsOf(rest), body: chunksOf(body), dispose: () => {} };
}

type Dimensions = Pick<TransformedImage, 'width' | 'height'>;

function dimensionsOf({ width, height }: Dimensions): Dimensions {
  return { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
}

function allowedBytes({ maxBytes }: HostLimits, type: string): number | undefined {
  return Object.hasOwn(maxBytes, type) ? maxBytes[type] : undefined;
}

const chunkBytes = 65_536;

/** A host tells its progress, and sees that it is still taken from, chunk by chunk. */
function chunksOf(body: Uint8Array): readonly Uint8Array[] {
  const count = Math.ceil(body.length / chunkBytes);
  return Array.from({ length: count }, (_, at) => body.subarray(at * chunkBytes, (at + 1) * chunkBytes));
}
