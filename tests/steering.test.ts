import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, inject, it } from 'vitest';

import { type Store, silentLogger, TransferError, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource, sampleImage } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { RedisStore } from '@imgferry/redis-store';
import { replaceUrls, saveMapping, steerAJob } from './snippets/steer-a-job.ts';

const stores: Readonly<Record<string, () => Store>> = {
  memory: () => new MemoryStore(),
  Redis: () => new RedisStore({ url: inject('redisUrl'), namespace: `test-${randomUUID()}` }),
};

const there = 'https://pictures.example/a.png';
const slow = 'https://pictures.example/slow.png';
const gone = 'https://pictures.example/gone.png';

describe.each(Object.keys(stores))('a program of the documents, by %s', (name) => {
  const open = async (): Promise<{ uploader: Uploader; jobId: string; close(): Promise<void> }> => {
    const store = stores[name]?.() ?? expect.fail();
    const source = createFakeSource({
      [there]: sampleImage('image/png'),
      [slow]: new TransferError('source_timeout', 'the source was too slow'),
    });
    const host = createFakeHost();
    const uploader = new Uploader({ store, source, host, logger: silentLogger, maxAttempts: 1, retries: 0 });
    const { jobId } = await uploader.submit([there, slow, gone]);
    uploader.start();
    await uploader.finished(jobId);
    await uploader.stop();
    return { uploader, jobId, close: () => store.close() };
  };

  it('that steers a job runs again what was chosen, and ends it', async () => {
    const { uploader, jobId, close } = await open();
    const told: string[] = [];
    uploader.on('job:finished', ({ job }) => told.push(`${job.complete} complete, ${job.failed} failed`));
    await steerAJob(uploader, jobId);
    const codes = (await uploader.uploads(jobId))?.items.map(({ failure }) => failure?.code);
    expect(codes).toEqual([undefined, 'cancelled', 'source_status']);
    expect(told).toEqual(['1 complete, 2 failed']);
    expect(await uploader.job(jobId)).toMatchObject({ paused: false, cancelled: true });
    await close();
  });

  it('that replaces URLs is told each with its link, and no other', async () => {
    const { uploader, jobId, close } = await open();
    const replaced: [string, string][] = [];
    await replaceUrls(uploader, jobId, async (...pair) => void replaced.push(pair));
    expect(replaced).toEqual([[there, 'https://img.example/1']]);
    await replaceUrls(uploader, 'unknown', () => expect.fail());
    await close();
  });

  it('that keeps the mapping as a file has all of it in there', async () => {
    const { uploader, jobId, close } = await open();
    const folder = await mkdtemp(join(tmpdir(), 'imgferry-'));
    await saveMapping(uploader, jobId, join(folder, 'mapping.csv'));
    expect((await readFile(join(folder, 'mapping.csv'), 'utf8')).split('\r\n')).toEqual([
      '"url","link","status","code"',
      `"${there}","https://img.example/1","complete",""`,
      `"${slow}","","failed","source_timeout"`,
      `"${gone}","","failed","source_status"`,
      '',
    ]);
    await rm(folder, { recursive: true });
    await close();
  });
});
