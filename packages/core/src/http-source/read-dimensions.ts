import type { CollectedBody } from './collected-body.ts';
import type { HttpExchange } from './http-exchange.ts';
import { type Dimensions, dimensionReader } from './image/image-dimensions.ts';

/**
 * What the header of an image says of its width and height, as far as it lies within the first bytes; waits for those
 * that are asked for and have not come.
 */
export async function readDimensions(
  type: string,
  mostBytes: number,
  body: CollectedBody,
  exchange: HttpExchange,
): Promise<Dimensions | undefined> {
  const reader = dimensionReader(type);
  if (reader === undefined) return undefined;
  let step = reader.next();
  while (!step.done) {
    const { at, bytes } = step.value;
    const end = at + bytes;
    if (end <= mostBytes && !body.takeTo(end, exchange)) await body.readTo(end, exchange);
    step = reader.next(end <= mostBytes ? body.slice(at, bytes) : undefined);
  }
  return step.value;
}
