import { type Logger, redactError, redactUrl } from '@imgferry/core';
import { type LogLevel, logLevels } from './config.ts';

/** Writes JSON lines: time, level, message, then the facts. `write` gets one whole line at a time. */
export function createLogger(level: LogLevel, write: (line: string) => void): Logger {
  const log = (lineLevel: LogLevel) => (facts: object, message: string) => {
    if (logLevels.indexOf(lineLevel) < logLevels.indexOf(level)) return;
    const line = { time: new Date().toISOString(), level: lineLevel, msg: message, ...facts };
    write(`${escaped(JSON.stringify(line, presentable))}\n`);
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

/** The query of a source's URL often carries a signature or a token, so it stays out of the log. */
function presentable(key: string, value: unknown): unknown {
  if (key === 'url' && typeof value === 'string') return redactUrl(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = redactError(value);
  return { name, message, ...('code' in value ? { code: value.code } : {}), stack, cause };
}

/** JSON leaves DEL, the C1 controls and the line separators as they are; a terminal or a log reader may not. */
function escaped(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
