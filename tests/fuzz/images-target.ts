import { CollectedBody } from '../../packages/core/src/http-source/collected-body.ts';
import type { HttpExchange } from '../../packages/core/src/http-source/http-exchange.ts';
import { hasImageEnd } from '../../packages/core/src/http-source/image/image-end.ts';
import { headBytes, mediaTypeOf } from '../../packages/core/src/http-source/image/media-type.ts';
import { readDimensions } from '../../packages/core/src/http-source/read-dimensions.ts';
import { corpusOf, holds, type Target } from './target.ts';

/** So far from its beginning an image is looked at. */
const farthest = 262_144;

/** A reader of images: what it makes of chunks, and whether that is an answer at all. */
interface Reader {
  readonly name: string;
  read(chunks: readonly Uint8Array[]): Promise<unknown>;
  isAnswer(answer: unknown): boolean;
}

/** A reader that is given the first bytes, as many as a source gives it. */
function ofHead(name: string, read: (head: Uint8Array) => unknown, isAnswer: Reader['isAnswer']): Reader {
  const readHead = async (chunks: readonly Uint8Array[]): Promise<unknown> => {
    const head = await headOf(chunks);
    const answer = read(head);
    // What it is a view of has nothing to do with it.
    const within = Buffer.concat([Buffer.from('GIF89a;'), head, Buffer.from('ftypmp42')]);
    const ofView = read(within.subarray(7, 7 + head.length));
    holds(sameJson(ofView, answer), `${name} is told by its own bytes: ${String(answer)}, ${String(ofView)}`);
    return answer;
  };
  return { name, read: readHead, isAnswer };
}

/** A reader that looks here and there, as far as a source lets it. */
function ofPlaces(type: string): Reader {
  const read = async (chunks: readonly Uint8Array[]): Promise<unknown> => {
    const { body, exchange } = collected(chunks);
    return await readDimensions(type, farthest, body, exchange);
  };
  return { name: `the dimensions of ${type}`, read, isAnswer: isSizeOrNone };
}

function isSizeOrNone(answer: unknown): boolean {
  if (answer === undefined) return true;
  const { width, height } = answer as { readonly width: number; readonly height: number };
  return [width, height].every((pixels) => Number.isInteger(pixels) && pixels >= 0);
}

function ofAll(type: string): Reader {
  return {
    name: `the end of ${type}`,
    read: (chunks) => hasImageEnd(type, chunks),
    isAnswer: (end) => typeof end === 'boolean',
  };
}

/** What is told of an image by its bytes. A further reader is one line. */
const readers: readonly Reader[] = [
  ofHead('the media type', mediaTypeOf, (type) => type === undefined || types.has(String(type))),
  ...['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'video/mp4', 'video/webm'].map(ofAll),
  ...['image/jpeg', 'image/png', 'image/gif', 'image/tiff', 'image/webp', 'image/bmp'].map(ofPlaces),
];

const types: ReadonlySet<string> = new Set([
  ...['image/jpeg', 'image/apng', 'image/png', 'image/gif', 'image/tiff', 'image/webp', 'image/bmp'],
  ...[
    'image/avif',
    'image/heic',
    'image/jxl',
    'audio/mp4',
    'video/3gpp',
    'video/mp4',
    'video/quicktime',
    'video/webm',
  ],
  ...['video/x-matroska', 'video/x-flv', 'video/x-msvideo', 'video/x-ms-wmv', 'video/mpeg'],
]);

export const imagesTarget: Target = {
  name: 'images',
  seeds: corpusOf('images'),
  async check(input, split) {
    for (const { name, read, isAnswer } of readers) {
      const answer = await read([input]);
      holds(isAnswer(answer), `${name} is one of its answers: ${String(answer)}`);
      const again = await read(split(input));
      holds(
        sameJson(again, answer),
        `${name} is the same in other chunks: ${String(answer)}, ${String(again)}`,
      );
    }
  },
};

/** The first bytes, put together as a source does it. */
async function headOf(chunks: readonly Uint8Array[]): Promise<Uint8Array> {
  const { body, exchange } = collected(chunks);
  await body.readTo(headBytes, exchange);
  return body.head(headBytes);
}

function collected(chunks: readonly Uint8Array[]) {
  const left = [...chunks];
  const exchange: Pick<HttpExchange, 'take' | 'ended' | 'more'> = {
    take: () => left.shift(),
    get ended() {
      return left.length === 0;
    },
    more: async () => {},
  };
  return { body: new CollectedBody(), exchange: exchange as HttpExchange };
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
