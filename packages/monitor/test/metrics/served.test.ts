import { describe, expect, it } from 'vitest';

import { StoreUnavailableError, silentLogger, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { createMonitor } from '../../src/index.ts';
import { parseExposition } from './exposition-parser.ts';

/** What a scrape is answered, of a monitor on this store. */
async function scrape(store: MemoryStore): Promise<Response> {
  const uploader = new Uploader({
    store,
    source: createFakeSource(),
    host: createFakeHost(),
    logger: silentLogger,
  });
  const monitor = createMonitor(uploader, { access: { anonymous: 'read' }, logger: silentLogger });
  return monitor(new Request('http://localhost/metrics'));
}

class StoreThatIsAway extends MemoryStore {
  override stats(): never {
    throw new StoreUnavailableError('the store is away', { retryAfterMs: 1_000 });
  }
}

describe('a scrape', () => {
  it('is answered in the text format 0.0.4', async () => {
    const answer = await scrape(new MemoryStore());
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(parseExposition(await answer.text()).length).toBeGreaterThan(30);
  });

  it('fails while the store is away, so that Prometheus sees that nothing is known', async () => {
    const answer = await scrape(new StoreThatIsAway());
    expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
  });
});
