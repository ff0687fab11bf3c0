import { afterAll, describe, expect, it } from 'vitest';

import { createFetchHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { createService } from './a-service.ts';

const dayMs = 86_400_000;

describe('an Idempotency-Key', () => {
  let now = 0;
  const service = createService({}, () => new MemoryStore({ clock: () => now, retentionMs: 1 }));
  afterAll(() => service.stop());
  const handler = createFetchHandler(service.uploader);
  const submit = async (): Promise<string> => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'order-1' };
    const body = JSON.stringify({ urls: ['https://source.example/a.png'] });
    const url = 'http://service.example/v1/images/upload';
    const answer = await handler(new Request(url, { method: 'POST', headers, body }));
    expect(answer.status).toBe(202);
    return ((await answer.json()) as { jobId: string }).jobId;
  };
  const statusOf = async (jobId: string): Promise<number> =>
    (await handler(new Request(`http://service.example/v1/images/upload/${jobId}`))).status;

  it('is kept for a day, and its job at least as long, however short others are kept', async () => {
    const jobId = await submit();
    await service.uploader.cancel(jobId);
    now += dayMs - 1;
    expect(await submit()).toBe(jobId);
    expect(await statusOf(jobId)).toBe(200);
    now += 1;
    expect(await submit()).not.toBe(jobId);
    expect(await statusOf(jobId)).toBe(404);
  });
});
