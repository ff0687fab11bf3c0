import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import type { JobSummary, Upload, UploadPage } from '@imgferry/core';
import { readJobView, readJobWithView, writeJobView } from '../src/job-view.ts';
import type { ServedUploader } from '../src/served-uploader.ts';

const id = '55355b7c-9b86-4a1a-b32e-6cdd6db07183';
const createdAt = Date.UTC(2017, 11, 22, 16, 48, 29);

const job = (facts: Partial<JobSummary>): JobSummary => ({
  id,
  host: 'fake',
  status: 'in-progress',
  createdAt,
  startedAt: createdAt,
  finishedAt: null,
  total: 2,
  waiting: 2,
  claimed: 0,
  complete: 0,
  failed: 0,
  possiblyDuplicated: 0,
  paused: false,
  pausedBy: [],
  cancelled: false,
  options: {},
  ...facts,
});

const finished = job({ status: 'complete', finishedAt: createdAt + 1_500 });

const upload = (index: number, status: Upload['status']): Upload => ({
  jobId: id,
  index,
  url: `https://source.example/${index}`,
  status,
  link: status === 'complete' ? `https://host.example/${index}` : null,
  failure: null,
  attempts: 1,
  bytes: null,
  type: null,
  width: null,
  height: null,
  possiblyDuplicated: false,
  reused: false,
  paused: false,
  startedAt: createdAt,
  finishedAt: null,
});

/** Only `uploads` is asked of it: page by page what a job looks like while it moves. */
const moving = (...pages: [JobSummary, readonly Upload['status'][]][]): Pick<ServedUploader, 'uploads'> => {
  const left = pages.map(([summary, statuses], page) => ({ summary, statuses, page }));
  const unexpected = (): never => {
    throw new Error('a view is made of uploads alone');
  };
  return {
    async uploads(_jobId, page): Promise<UploadPage | undefined> {
      const { summary, statuses } = left.shift() ?? unexpected();
      const second = page?.cursor !== undefined;
      return {
        job: summary,
        items: statuses.map((status, at) => upload(second ? at + 1 : at, status)),
        next: second || statuses.length > 1 ? undefined : 'second',
      };
    },
  };
};

describe('the view of a job', () => {
  it('sorts what it is read from, with times to the millisecond', async () => {
    expect(await readJobView(moving([finished, ['complete', 'failed']]), id)).toEqual({
      id,
      created: '2017-12-22T16:48:29.000Z',
      finished: '2017-12-22T16:48:30.500Z',
      status: 'complete',
      uploaded: {
        pending: [],
        complete: ['https://host.example/0'],
        failed: ['https://source.example/1'],
      },
    });
  });

  it('shows what is claimed as pending', async () => {
    const view = await readJobView(moving([job({}), ['claimed', 'waiting']]), id);
    expect(view?.uploaded.pending).toEqual(['https://source.example/0', 'https://source.example/1']);
  });

  it('that finished while it was read is in progress, as what is pending says', async () => {
    const view = await readJobView(moving([job({}), ['waiting']], [finished, ['complete']]), id);
    expect(view).toMatchObject({ status: 'in-progress', finished: null });
    expect(view?.uploaded.pending).toHaveLength(1);
  });

  it('that started while it was read is in progress, as what is complete says', async () => {
    const pending = job({ status: 'pending', startedAt: null });
    const view = await readJobView(moving([pending, ['waiting']], [pending, ['complete']]), id);
    expect(view?.status).toBe('in-progress');
  });

  it('is read again when the job was retried between two pages', async () => {
    const torn: [JobSummary, Upload['status'][]][] = [
      [job({}), ['complete']],
      [job({}), ['failed']],
    ];
    const view = await readJobView(moving(...torn, [finished, ['complete', 'complete']]), id);
    expect(view).toMatchObject({ status: 'complete', finished: '2017-12-22T16:48:30.500Z' });
    expect(view?.uploaded.complete).toHaveLength(2);
  });

  it('is nothing once the job is gone', async () => {
    const uploader = { ...moving(), uploads: async () => undefined };
    expect(await readJobView(uploader, id)).toBeUndefined();
  });

  it('of a long job is read and written with turns for everyone else', async () => {
    const pages = 10;
    const uploader: Pick<ServedUploader, 'uploads'> = {
      ...moving(),
      async uploads(_jobId, page) {
        const at = Number(page?.cursor ?? 0);
        const items = Array.from({ length: 1_000 }, (_, index) => upload(at * 1_000 + index, 'complete'));
        return { job: finished, items, next: at + 1 < pages ? String(at + 1) : undefined };
      },
    };
    let turns = 0;
    let going = true;
    const others = (async () => {
      while (going) {
        await nextTurn();
        turns += 1;
      }
    })();
    const view = await readJobView(uploader, id);
    if (view === undefined) throw new Error('the job is there');
    const text = writeJobView(view);
    expect(text).not.toBeTypeOf('string');
    const parts = await Array.fromAsync(text as AsyncIterable<string>);
    going = false;
    await others;
    expect(JSON.parse(parts.join(''))).toEqual(view);
    expect(Object.keys(JSON.parse(parts.join('')))).toEqual([
      'id',
      'created',
      'finished',
      'status',
      'uploaded',
    ]);
    expect(turns).toBeGreaterThanOrEqual(2 * (pages - 1));
  });
});

it('a view is made once of a page that a store answers again, if nobody can change it', async () => {
  const page = await moving([job({}), ['waiting', 'claimed']]).uploads(id);
  const uploader = { uploads: async () => page };
  const read = await readJobWithView(uploader, id);
  expect(await readJobWithView(uploader, id)).not.toBe(read);
  Object.freeze(Object.freeze(page)?.items);
  const last = await readJobWithView(uploader, id);
  expect(await readJobWithView(uploader, id)).toBe(last);
});
