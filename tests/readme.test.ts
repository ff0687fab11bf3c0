import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { sampleImage, startImgurStandIn, startPictureServer } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { settle } from '../packages/http-adapter/test/a-run.ts';
import { createService } from '../packages/http-adapter/test/a-service.ts';
import { tableRows } from './setup/table-rows.ts';
import { countSettled } from './snippets/count-settled.ts';
import { makeParts, submitAndWait } from './snippets/submit-and-wait.ts';
import { withRegions } from './with-regions.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const folders = ['.', ...readdirSync(join(root, 'packages')).map((name) => join('packages', name))];
const documents = folders.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

describe('the programs in the documents', () => {
  it.each(documents)('are those of the files they name: %s', async (path) => {
    await expect(withRegions(read(path), read)).toMatchFileSnapshot(join(root, path));
  });

  it('are looked for where there are some', () => {
    const marked = documents.filter((path) => read(path).includes('<!-- region '));
    expect(marked).toEqual(expect.arrayContaining(['README.md', join('packages', 'core', 'README.md')]));
  });
});

describe('the endpoints in the README', () => {
  it('are some of those that http-adapter has', () => {
    const linesOf = (path: string): string[] =>
      tableRows(read(path), 'endpoints').flatMap(([request = '']) =>
        [...request.matchAll(/`([A-Z]+ [^` ]+)/g)].map(([, line = '']) => line),
      );
    const short = linesOf('README.md').map((line) => line.replace('…/', '/v1/images/upload/'));
    expect(short.length).toBeGreaterThan(10);
    expect(linesOf(join('packages', 'http-adapter', 'README.md'))).toEqual(expect.arrayContaining(short));
  });
});

describe('a program of the documents', () => {
  it('that waits for a job tells its links and its failures', async () => {
    const imgur = await startImgurStandIn();
    const pictures = await startPictureServer({ '/cat.jpg': sampleImage('image/jpeg') });
    const source = createHttpSource({ allow: ['127.0.0.1'] });
    const host = createImgurHost({ clientId: 'any', apiUrl: imgur.url });
    const [cat, gone] = [pictures.urlOf('/cat.jpg'), pictures.urlOf('/gone.gif')];
    const lines: string[] = [];
    try {
      await submitAndWait([cat, gone], { source, host }, (line) => lines.push(line));
    } finally {
      await Promise.all([source.close(), host.close(), imgur.close(), pictures.close()]);
    }
    expect(lines).toEqual([
      `${gone}: source_status, the source answered with status 404`,
      expect.stringMatching(`^${cat} is now https://i\\.imgur\\.com/\\w+\\.jpg$`),
    ]);
  });

  it('that counts what is settled counts right although it has missed events', async () => {
    const store = new MemoryStore({ maxEvents: 3 });
    const { uploader, stop } = createService({}, () => store);
    const urls = Array.from({ length: 10 }, (_, at) => `https://source.example/${at}`);
    const counts: number[] = [];
    try {
      const { jobId } = await uploader.submit(urls);
      const following = uploader.follow(jobId)[Symbol.asyncIterator]();
      await settle(store, 1);
      const { value: first } = await following.next();
      await following.return?.();
      await settle(store, 8);
      const signal = AbortSignal.timeout(20_000);
      const counting = countSettled(uploader, jobId, (settled) => counts.push(settled), {
        after: first.id,
        signal,
      });
      await expect.poll(() => counts.length).toBe(4);
      await settle(store, 1, 'failed');
      await counting;
    } finally {
      await stop();
    }
    // A gap and three of the eight events before it, then the last upload and the end.
    expect(counts).toEqual([9, 9, 9, 9, 10, 10]);
  });

  it('that makes the parts of an uploader names real options', async () => {
    const { source, host } = makeParts('0123456789abcde');
    await Promise.all([source.close(), host.close()]);
    expect(host.name).toBe('imgur');
  });
});

describe('a marked block', () => {
  const file = '  // #region a\n  one(\n    two,\n  );\n  // #endregion a\n';
  const block = (body: string) => `text\n\n<!-- region x.ts#a -->\n\`\`\`ts\n${body}\`\`\`\nmore\n`;

  it('gets the region of its file, moved to the left edge', () => {
    expect(withRegions(block('old\n'), () => file)).toBe(block('one(\n  two,\n);\n'));
  });

  it('of a region that is not there is refused', () => {
    expect(() => withRegions(block(''), () => 'nothing')).toThrow('x.ts has no region a');
  });

  it('has to be there where there is a mark', () => {
    expect(() => withRegions('<!-- region x.ts#a -->\n\ntext', () => file)).toThrow(
      'the mark x.ts#a has no block',
    );
  });
});
