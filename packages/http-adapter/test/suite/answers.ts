import assert from 'node:assert/strict';

import type { MountedService } from './scene.ts';

export const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

interface View {
  readonly id: string;
  readonly created: string;
  readonly finished: string | null;
  readonly status: string;
  readonly uploaded: Readonly<Record<'pending' | 'complete' | 'failed', string[]>>;
}

export async function assertProblem(answer: Response, status: number): Promise<Record<string, unknown>> {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  const problem = JSON.parse(text);
  assert.equal(problem.status, status);
  assert.equal(typeof problem.type, 'string');
  assert.equal(typeof problem.title, 'string');
  assert.ok(problem.detail.length <= 200);
  for (const { index: _, reason, ...place } of problem.errors ?? []) {
    assert.equal(typeof reason, 'string');
    assert.equal(['pointer', 'parameter', 'header'].filter((each) => each in place).length, 1);
  }
  return problem;
}

/** The places that a problem names, without what it says of them. */
export function placesOf(problem: Record<string, unknown>): object[] {
  return ((problem.errors ?? []) as { reason: string }[]).map(({ reason: _, ...place }) => place);
}

export async function jsonOf(answer: Response): Promise<Record<string, unknown>> {
  return JSON.parse(await answer.text());
}

export async function viewOf(answer: Response): Promise<View> {
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text);
}

export async function viewAfter(submitted: Response, fetch: MountedService['fetch']): Promise<View> {
  return viewOf(await fetch(String(submitted.headers.get('location'))));
}

export async function follow(
  path: string,
  fetch: MountedService['fetch'],
): Promise<Record<string, unknown>[]> {
  const pages: Record<string, unknown>[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const answer: Response = await fetch(next);
    pages.push(await jsonOf(answer));
    next = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return pages;
}

/** A body of unknown length, which stays open if asked to. */
export function streamed(text: string, { open = false } = {}): RequestInit {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from(text));
      if (!open) controller.close();
    },
  });
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' };
}
