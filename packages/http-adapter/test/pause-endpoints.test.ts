import { afterAll, describe, expect, it } from 'vitest';

import { createFetchHandler } from '@imgferry/http-adapter';
import { createService } from './a-service.ts';

const service = createService();
afterAll(() => service.stop());

describe('the name of a host', () => {
  // Some frameworks refuse such a path before it gets here.
  it.each(['%', '%ff', '%c3%28', '%ed%a0%80'])('is not %s, which is no text', async (name) => {
    const handler = createFetchHandler(service.uploader, { operator: () => undefined });
    const path = `http://service.example/v1/hosts/${name}/pause`;
    expect((await handler(new Request(path, { method: 'POST' }))).status).toBe(404);
  });
});
