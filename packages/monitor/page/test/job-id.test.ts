import { expect, it } from 'vitest';

import { isJobId } from '../../src/read/jobs.ts';
import { jobIdOf } from '../job-id.ts';

const id = '0b7f3a52-1c2d-4e5f-8a9b-0c1d2e3f4a5b';

it.each([id, ` ${id} `, id.toUpperCase()])('"%s" is taken for the id of a job', (typed) => {
  expect(jobIdOf(typed)).toBe(id);
});

it.each(['', id.slice(0, 8), `${id}0`, id.replaceAll('-', ''), 'g'.repeat(36), '../queue'])(
  'nobody is asked for "%s", which no job can have',
  (typed) => {
    expect([jobIdOf(typed), isJobId(typed)]).toEqual([undefined, false]);
  },
);
