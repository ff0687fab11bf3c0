import { describe, expect, it } from 'vitest';

import { createLogger } from '../src/logger.ts';

function logged(facts: object, message = 'a message'): string {
  const lines: string[] = [];
  createLogger('info', (line) => lines.push(line)).warn(facts, message);
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

describe('the log', () => {
  it('writes one line of JSON: time, level, message, facts', () => {
    const line = logged({ jobId: 'j', index: 3 });
    expect(line.endsWith('}\n')).toBe(true);
    const { time, ...rest } = JSON.parse(line);
    expect(rest).toEqual({ level: 'warn', msg: 'a message', jobId: 'j', index: 3 });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('leaves out what is below its level, and everything when it is silent', () => {
    const lines: string[] = [];
    const levels = (level: 'warn' | 'silent') => {
      const logger = createLogger(level, (line) => lines.push(JSON.parse(line).level));
      for (const method of ['debug', 'info', 'warn', 'error'] as const) logger[method]({}, '');
      return lines.splice(0);
    };
    expect(levels('warn')).toEqual(['warn', 'error']);
    expect(levels('silent')).toEqual([]);
  });

  it('keeps the query and the fragment of a source URL out', () => {
    const facts = (url: string) => JSON.parse(logged({ url, holds: [{ url }] }));
    expect(facts('https://a.example/cat.jpg?sig=hunter2#me')).toMatchObject({
      url: 'https://a.example/cat.jpg?…',
      holds: [{ url: 'https://a.example/cat.jpg?…' }],
    });
    expect(facts('https://a.example/cat.jpg')).toMatchObject({ url: 'https://a.example/cat.jpg' });
  });

  it('stays one line of visible characters whatever a stranger sends', () => {
    const hostile = 'a\nb\r\u001b[2J\u007f\u009b31m\u2028\u202e';
    const line = logged({ reason: hostile }, hostile);
    expect(line).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(line)).toMatchObject({ reason: hostile, msg: hostile });
  });

  it('shows an error with its code and what caused it', () => {
    const error = Object.assign(new Error('outer', { cause: new TypeError('inner') }), { code: 'E_OUTER' });
    expect(JSON.parse(logged({ err: error })).err).toMatchObject({
      name: 'Error',
      message: 'outer',
      code: 'E_OUTER',
      cause: { name: 'TypeError', message: 'inner' },
    });
  });
});
