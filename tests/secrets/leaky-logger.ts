import type { Logger } from '@imgferry/core';

/**
 * Writes lines of JSON as pino does, at every level: of an error under `err` its words, its stack with those of its
 * causes, and whatever else the error has of its own.
 */
export function leakyLogger(write: (line: string) => void): Logger {
  const log = (level: string) => (facts: object, message: string) =>
    write(JSON.stringify({ level, msg: message, ...facts }, (_key, value) => presented(value)));
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

function presented(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { message, stack, cause } = value;
  const aggregate = value instanceof AggregateError ? { errors: value.errors } : {};
  return Object.assign({ type: value.constructor.name, message, stack, cause }, aggregate, value);
}
