import { describe, expect, it } from 'vitest';

import type { UploadsView, UploadView } from '../../src/views/index.ts';
import type { ActionResult } from '../actions.ts';
import { csvRow, type MappingFormat, mappingOf } from '../mapping.ts';

const upload = (index: number, over: Partial<UploadView> = {}): UploadView => ({
  index,
  url: `https://pictures.example/${index}.png`,
  status: 'complete',
  link: `https://i.imgur.com/${index}.png`,
  failure: null,
  attempts: 1,
  bytes: 1,
  type: 'image/png',
  width: 1,
  height: 1,
  possiblyDuplicated: false,
  reused: false,
  paused: false,
  startedAt: 1,
  finishedAt: 2,
  ...over,
});
const failure = { code: 'source_status', message: 'gone', remedy: 'Look.' } as const;

/** The file of these pages, whose cursors are their places. */
async function fileOf(format: MappingFormat, pages: readonly (readonly UploadView[])[]) {
  const { signal } = new AbortController();
  const progress: number[] = [];
  const read = async (cursor = '0'): Promise<ActionResult<UploadsView>> => {
    const at = Number(cursor);
    const next = at + 1 < pages.length ? `${at + 1}` : null;
    return { status: 'done', value: { uploads: pages[at] ?? [], next } };
  };
  const result = await mappingOf({ format, read, onProgress: (count) => progress.push(count), signal });
  if (result?.status !== 'done') throw new Error('there is no file');
  return { text: await result.value.text(), type: result.value.type, progress };
}

describe('the mapping of a job', () => {
  const pages = [[upload(0), upload(1)], [upload(2, { status: 'failed', link: null, failure })]];

  it('is a table in CSV, of all pages, with what failed', async () => {
    const { text, type, progress } = await fileOf('csv', pages);
    expect(text.split('\r\n')).toEqual([
      'no,url,link,status,failure',
      '0,https://pictures.example/0.png,https://i.imgur.com/0.png,complete,',
      '1,https://pictures.example/1.png,https://i.imgur.com/1.png,complete,',
      '2,https://pictures.example/2.png,,failed,source_status',
      '',
    ]);
    expect(type).toMatch(/^text\/csv/);
    expect(progress).toEqual([2, 3]);
  });

  it('is one object a line in JSON lines', async () => {
    const { text } = await fileOf('jsonl', pages);
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[2] ?? '')).toEqual({
      no: 2,
      url: 'https://pictures.example/2.png',
      link: null,
      status: 'failed',
      failure: 'source_status',
    });
  });

  it('has no failure of an upload that waits for another attempt', async () => {
    const { text } = await fileOf('csv', [[upload(0, { status: 'waiting', link: null, failure })]]);
    expect(text).toContain('0,https://pictures.example/0.png,,waiting,\r\n');
  });

  it('says in its first row where URLs are not shown whole, on whichever page, and else does not', async () => {
    const hidden = [[upload(0)], [upload(1, { url: 'https://pictures.example/1.png?…' })]];
    const [first] = (await fileOf('csv', hidden)).text.split('\r\n');
    expect(first).toMatch(/the monitor leaves out the rest/);
    const [note = ''] = (await fileOf('jsonl', hidden)).text.split('\n');
    expect(JSON.parse(note)).toEqual({ note: expect.stringMatching(/the monitor leaves out the rest/) });
    expect((await fileOf('jsonl', pages)).text).not.toContain('note');
  });

  it('is none when it was cancelled, and asks for no further page', async () => {
    const running = new AbortController();
    let asked = 0;
    const read = async (): Promise<ActionResult<UploadsView>> => {
      asked += 1;
      running.abort();
      return { status: 'done', value: { uploads: [upload(0)], next: 'more' } };
    };
    const onProgress = (): void => {};
    expect(await mappingOf({ format: 'csv', read, onProgress, signal: running.signal })).toBeUndefined();
    expect(asked).toBe(1);
  });

  it('is none when a page is refused, with the reason', async () => {
    const refused: ActionResult<UploadsView> = { status: 'refused', sentence: 'The store is away.' };
    const { signal } = new AbortController();
    const asked = { format: 'csv', read: async () => refused, onProgress: () => {}, signal } as const;
    expect(await mappingOf(asked)).toEqual(refused);
  });
});

describe('a row of CSV', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('has no cell that is a formula: %j', (text) => {
    expect(csvRow([text, 'b'])).toMatch(/^"?'/);
  });

  it('quotes what would end a cell or a row', () => {
    expect(csvRow(['a,b', 'say "a"', 'c\nd', 'plain', '=1,"2"'])).toBe(
      '"a,b","say ""a""","c\nd",plain,"\'=1,""2"""\r\n',
    );
  });
});
