import { describe, expect, it } from 'vitest';

import { type Logger, safeLogger, silentLogger } from '../src/logger.ts';

describe('a logger', () => {
  it('that throws stops nothing', () => {
    const broken = (): never => {
      throw new Error('the disk is full');
    };
    const logger = safeLogger({ debug: broken, info: broken, warn: broken, error: broken });
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      expect(() => logger[level]({}, 'a line')).not.toThrow();
  });

  it('is called as a method of its own', () => {
    class Lines {
      readonly lines: string[] = [];
      debug = silentLogger.debug;
      info = silentLogger.info;
      warn = silentLogger.warn;
      error(facts: object, message: string): void {
        this.lines.push(`${message} ${JSON.stringify(facts)}`);
      }
    }
    const lines = new Lines();
    safeLogger(lines).error({ a: 1 }, 'a fault');
    expect(lines.lines).toEqual(['a fault {"a":1}']);
  });

  it.each(['debug', 'info', 'warn', 'error'])('that lacks %s is refused', (level) => {
    const lacking = { ...silentLogger, [level]: undefined } as unknown as Logger;
    expect(() => safeLogger(lacking)).toThrow(`logger has no method ${level}`);
  });
});
