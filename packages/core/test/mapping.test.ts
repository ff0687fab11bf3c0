import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import type { Upload } from '../src/job.ts';
import { type MappingEntry, readMapping, writeMappingCsv } from '../src/mapping.ts';
import type { UploadPage } from '../src/store.ts';
import { aJobSummary, anUpload, ScriptedStore } from '../src/testing/index.ts';

const pagesOf = (count: number, pages: number, change: Partial<Upload> = {}) => {
  const read: (string | undefined)[] = [];
  const store = new ScriptedStore({
    async uploads(jobId, page): Promise<UploadPage> {
      read.push(page?.cursor);
      const at = Number(page?.cursor ?? 0);
      const items = Array.from({ length: count }, (_, index) =>
        anUpload({
          jobId,
          index: at * count + index,
          url: `https://a.example/${at * count + index}`,
          ...change,
        }),
      );
      return { job: aJobSummary(), items, next: at + 1 < pages ? String(at + 1) : undefined };
    },
  });
  return { store, read };
};

describe('the mapping of a job', () => {
  it('is what became of each URL, page by page', async () => {
    const { store } = pagesOf(2, 3);
    const entries = await Array.fromAsync((await readMapping(store, 'j', {})) ?? []);
    expect(entries.map(({ url }) => url)).toEqual([0, 1, 2, 3, 4, 5].map((n) => `https://a.example/${n}`));
  });

  it('has the link of what is complete and the code of what has failed, and of nothing that waits once more', async () => {
    const link = 'https://img.example/1';
    const failure = { code: 'too_large', message: 'the image is large' } as const;
    const states: [Partial<Upload>, Partial<MappingEntry>][] = [
      [
        { status: 'complete', link },
        { link, status: 'complete', code: null },
      ],
      [
        { status: 'failed', failure },
        { link: null, status: 'failed', code: 'too_large' },
      ],
      [
        { status: 'waiting', failure },
        { link: null, status: 'waiting', code: null },
      ],
      [
        { status: 'claimed', failure },
        { link: null, status: 'claimed', code: null },
      ],
    ];
    for (const [change, entry] of states) {
      const { store } = pagesOf(1, 1, change);
      const entries = await Array.fromAsync((await readMapping(store, 'j', {})) ?? []);
      expect(entries).toEqual([{ url: 'https://a.example/0', ...entry }]);
    }
  });

  it('asks for those of one status alone where it is told to', async () => {
    const { store } = pagesOf(1, 2);
    await Array.fromAsync((await readMapping(store, 'j', { status: 'failed' })) ?? []);
    expect(store.callsOf('uploads').map(({ args }) => args[1])).toEqual([
      { status: 'failed', limit: 1_000 },
      { status: 'failed', limit: 1_000, cursor: '1' },
    ]);
  });

  it('has read its first page when it is there, and no page before it is come to', async () => {
    const { store, read } = pagesOf(2, 3);
    const mapping = await readMapping(store, 'j', {});
    expect(read).toEqual([undefined]);
    const entries = mapping?.[Symbol.asyncIterator]();
    await entries?.next();
    await entries?.next();
    await nextTurn();
    expect(read).toEqual([undefined]);
    await entries?.next();
    expect(read).toEqual([undefined, '1']);
    await entries?.return?.();
    expect(read).toEqual([undefined, '1']);
  });

  it('lets others have a turn between two pages', async () => {
    const { store } = pagesOf(1, 10);
    let turns = 0;
    let reading = true;
    const others = (async () => {
      for (; reading; turns += 1) await nextTurn();
    })();
    await Array.fromAsync((await readMapping(store, 'j', {})) ?? []);
    reading = false;
    await others;
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  it('is nothing when the job is unknown', async () => {
    const store = new ScriptedStore({ uploads: async () => undefined });
    expect(await readMapping(store, 'j', {})).toBeUndefined();
  });

  it('of a job that is forgotten half-way breaks off', async () => {
    const { store: whole } = pagesOf(1, 2);
    const store = new ScriptedStore({
      uploads: async (jobId, page) => (page?.cursor === undefined ? whole.uploads(jobId, page) : undefined),
    });
    const mapping = await readMapping(store, 'j', {});
    await expect(Array.fromAsync(mapping ?? [])).rejects.toMatchObject({ code: 'wrong_state' });
  });
});

describe('a mapping as CSV', () => {
  const entry = { url: 'https://a.example/,"', link: null, status: 'failed', code: 'too_large' } as const;

  it('has a header and a record for each URL', async () => {
    expect(await Array.fromAsync(writeMappingCsv([entry]))).toEqual([
      '"url","link","status","code"\r\n"https://a.example/,""","","failed","too_large"\r\n',
    ]);
    expect(await Array.fromAsync(writeMappingCsv([]))).toEqual(['"url","link","status","code"\r\n']);
  });

  it('is written in pieces, each when it is asked for', async () => {
    let taken = 0;
    async function* many(): AsyncGenerator<MappingEntry, void, undefined> {
      for (; taken < 10_000; taken += 1) yield entry;
    }
    let pieces = 0;
    for await (const piece of writeMappingCsv(many())) {
      pieces += 1;
      expect(piece.length).toBeLessThan(66_000);
      expect(taken).toBeLessThan(pieces * 1_400);
    }
    expect(pieces).toBeGreaterThan(5);
  });
});
