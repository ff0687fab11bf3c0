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
