import * as v from 'valibot';

import type { JobSummary } from '@imgferry/core';
import type { HttpRequest } from './http-exchange.ts';
import { readOnce } from './page-query.ts';
import { Problem } from './problem.ts';

/** An id as a client sends it back. An empty one is none. */
export const eventIdSchema: v.GenericSchema<string> = v.pipe(v.string(), v.maxLength(512));

/** A place in the events of a job, as the `id` of an event names it. */
export interface EventPlace {
  /** The store's id of the event; `undefined` when it was told without one of the store's. */
  readonly after: string | undefined;
  /** Of a `job:finished`: when the job had finished. */
  readonly finishedAt: number | undefined;
}

/**
 * Writes a place as an id: the store's, escaped so that it fits into a line and a header, and for `job:finished` a
 * colon and the time. So a client that has heard the end is known without reading history, and one that comes back
 * after a retry is not taken for it.
 */
export function encodePlace({ after, finishedAt }: EventPlace): string {
  return encodeURIComponent(after ?? '') + (finishedAt === undefined ? '' : `:${finishedAt}`);
}

/** Reads an id. One that was never given out is a place of another history, as the store will find. */
export function decodePlace(id: string): EventPlace {
  const match = /^([^:]*)(?::(\d{1,15}))?$/.exec(id);
  if (match === null) return { after: id, finishedAt: undefined };
  const [, escaped = '', finishedAt] = match;
  return {
    after: escaped === '' ? undefined : (unescaped(escaped) ?? id),
    finishedAt: finishedAt === undefined ? undefined : Number(finishedAt),
  };
}

/**
 * From where a client wants to go on; `undefined` when it begins. The header is what a browser sends by itself when it
 * reconnects, and the newer of the two.
 */
export function readPlace(request: HttpRequest): EventPlace | undefined {
  const inQuery = readOnce(new URLSearchParams(request.query), 'after');
  const header = request.header('last-event-id');
  const id = header || inQuery;
  if (id === undefined || id === '') return undefined;
  if (v.is(eventIdSchema, id)) return decodePlace(id);
  const place = header ? { header: 'Last-Event-ID' } : { parameter: 'after' };
  throw Problem.at('badRequest', place, 'must be the id of an event, of at most 512 characters');
}

/** Whether the end of the job, as it is now, was heard at this place. */
export function isAtTheEnd(place: EventPlace | undefined, { status, finishedAt }: JobSummary): boolean {
  return status === 'complete' && finishedAt !== null && place?.finishedAt === finishedAt;
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
