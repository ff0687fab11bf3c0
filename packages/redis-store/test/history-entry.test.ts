import { expect, it } from 'vitest';

import { decodeEntry } from '../src/history-entry.ts';

function pausesOf(job: object): unknown {
  const e = JSON.stringify([{ type: 'job:finished', jobId: 'j', job: { id: 'j', info: '', ...job } }]);
  const [event] = decodeEntry(['1-0', ['n', '1', 'at', '7', 'p', '0-0', 'e', e]]).events;
  return event;
}

it.each([
  ['', false, []],
  ['job', true, ['job']],
  ['job host queue', true, ['job', 'host', 'queue']],
])('a job that "%s" holds up is told so', (names, paused, pausedBy) => {
  expect(pausesOf({ pausedBy: names })).toMatchObject({ job: { id: 'j', paused, pausedBy } });
});

it('what a version wrote that told only of a pause of the job itself is told as that', () => {
  expect(pausesOf({ paused: true })).toMatchObject({ job: { paused: true, pausedBy: ['job'] } });
  expect(pausesOf({ paused: false })).toMatchObject({ job: { paused: false, pausedBy: [] } });
});
