import { describe, expect, it } from 'vitest';

import { address, parseRoute, queryText } from '../router.ts';

const at = (hash: string): [string, string] => {
  const { page, id } = parseRoute(hash);
  return [page, id];
};

describe('an address', () => {
  it.each([
    ['', 'overview', ''],
    ['#', 'overview', ''],
    ['#/', 'overview', ''],
    ['#/workers', 'workers', ''],
    ['#/workers/', 'workers', ''],
    ['#/workers/w%2F1', 'worker', 'w/1'],
    ['#/jobs?status=complete', 'jobs', ''],
    ['#/jobs/a-1?status=failed', 'job', 'a-1'],
    ['#/queue', 'queue', ''],
    ['#/settings', 'settings', ''],
  ])('%s leads to %s %s', (hash, page, id) => {
    expect(at(hash)).toEqual([page, id]);
  });

  it.each(['#/nowhere', '#/queue/1', '#/jobs/a/b', '#/jobs/%zz', '#/toString', '#/__proto__/x'])(
    '%s leads nowhere',
    (hash) => {
      expect(at(hash)).toEqual(['unknown', '']);
    },
  );

  it('has its query, with what looks like one inside', () => {
    const { query } = parseRoute('#/jobs?from=2026-11-27T14%3A03%3A00.000Z&cursor=a?b');
    expect(Object.fromEntries(query)).toEqual({ from: '2026-11-27T14:03:00.000Z', cursor: 'a?b' });
  });

  it('is made so that it is read as it was meant', () => {
    const made = address(['jobs', 'a/b?c#d'], { status: 'failed', cursor: '', limit: undefined });
    expect(made).toBe('#/jobs/a%2Fb%3Fc%23d?status=failed');
    expect(at(made)).toEqual(['job', 'a/b?c#d']);
    expect(parseRoute(made).query.get('status')).toBe('failed');
  });

  it('has no question mark without a query', () => {
    expect([queryText({}), queryText({ status: '' }), address([])]).toEqual(['', '', '#/']);
  });
});
