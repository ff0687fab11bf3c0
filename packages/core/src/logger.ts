import { InvalidOptionError } from './errors.ts';

/** Takes a line of log: facts first, then a sentence. pino and its like fit as they are. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

const ignore = (): void => {};

/** What is used when no logger is given: trouble goes to the console's standard error, the rest nowhere. */
export const defaultLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: (facts, message) => console.warn(`imgferry: ${message}`, facts),
  error: (facts, message) => console.error(`imgferry: ${message}`, facts),
};

/** For those who want silence. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

const levels = ['debug', 'info', 'warn', 'error'] as const;

/**
 * The logger that was given, or the default, in a form that can not stop the work: what it throws is dropped.
 * @throws InvalidOptionError when it lacks a level.
 */
export function safeLogger(given: Logger = defaultLogger): Logger {
  const missing = levels.find((level) => typeof given?.[level] !== 'function');
  if (missing !== undefined) throw new InvalidOptionError('logger', `has no method ${missing}`);
  const at = (level: (typeof levels)[number]) => (facts: object, message: string) => {
    try {
      given[level](facts, message);
    } catch {
      // Whoever can not log can not log that either.
    }
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
