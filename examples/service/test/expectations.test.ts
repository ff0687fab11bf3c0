import { describe, expect, it } from 'vitest';

import type { Upload } from '@imgferry/core';
import type { Errand } from '../src/errands.ts';
import { byteDifferences, differences } from '../src/expectations.ts';

const errands: Errand[] = [
  { name: 'cat.jpg', url: 'http://a/cat.jpg', expected: { status: 'complete', sha256: 'c1' } },
  { name: 'dog.jpg', url: 'http://a/dog.jpg', expected: { status: 'complete', sha256: 'd1' } },
  { name: 'gone.jpg', url: 'http://a/gone.jpg', expected: { status: 'failed', code: 'source_status' } },
];

function upload(index: number, ending: Pick<Upload, 'status' | 'failure'>): Upload {
  return {
    jobId: 'j',
    index,
    url: errands[index]?.url ?? '',
    link: ending.status === 'complete' ? 'https://i.imgur.com/a.jpg' : null,
    attempts: 1,
    bytes: null,
    type: null,
    width: null,
    height: null,
    possiblyDuplicated: false,
    reused: false,
    paused: false,
    startedAt: null,
    finishedAt: null,
    ...ending,
  };
}

const complete = { status: 'complete', failure: null } as const;
const failed = (code: 'source_status' | 'host_rejected') =>
  ({ status: 'failed', failure: { code, message: '' } }) as const;

describe('the expectations of the demo', () => {
  it('are met when every upload ended as it should', () => {
    const uploads = [upload(0, complete), upload(1, complete), upload(2, failed('source_status'))];
    expect(differences(errands, uploads)).toEqual([]);
    expect(byteDifferences(errands, ['d1', 'c1'])).toEqual([]);
  });

  it('say of each upload how it ended and how it should have', () => {
    expect(
      differences(errands, [upload(0, failed('host_rejected')), upload(1, complete), upload(2, complete)]),
    ).toEqual([
      'cat.jpg is failed with host_rejected; it should be complete.',
      'gone.jpg is complete; it should be failed with source_status.',
    ]);
    expect(differences(errands, [upload(0, complete)])).toEqual([
      'dog.jpg is unknown; it should be complete.',
      'gone.jpg is unknown; it should be failed with source_status.',
    ]);
  });

  it('notice bytes that changed, are missing, came twice or belong to nothing', () => {
    expect(byteDifferences(errands, ['c1', 'd2'])).toEqual([
      'dog.jpg did not arrive at the host byte for byte.',
      'The host holds 1 images that it should not.',
    ]);
    expect(byteDifferences(errands, ['c1'])).toEqual(['dog.jpg did not arrive at the host byte for byte.']);
    expect(byteDifferences(errands, ['c1', 'd1', 'c1'])).toEqual([
      'The host holds 1 images that it should not.',
    ]);
  });
});
