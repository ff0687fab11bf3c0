import { foreignText } from './foreign-text.ts';
import { redactText, withoutAddresses } from './redact-text.ts';

const mostCauses = 5;
const mostFrames = 20;

/**
 * Makes an error of somebody else's code fit for a log: of the same class, with its code, its words and its stack, and
 * with no other property, because that is where clients keep requests and their headers. Words are redacted as
 * the words of failures are, and made one line of at most 200 characters; so are those of its causes.
 *
 * @param clean Takes out of its words what must not be shown besides.
 */
export function redactError(error: unknown, clean: (text: string) => string = (text) => text): Error {
  try {
    return new Redaction(clean).of(error, 0);
  } catch {
    return new Error('what was thrown can not be read');
  }
}

class Redaction {
  readonly #clean: (text: string) => string;

  constructor(clean: (text: string) => string) {
    this.#clean = clean;
  }

  of(error: unknown, depth: number): Error {
    if (!(error instanceof Error)) return new Error(this.#text(thrown(error)));
    const message = this.#text(error.message);
    const name = foreignText(String(error.name));
    const stack = [`${name}: ${message}`, ...this.#frames(error)].join('\n');
    // Made as an error and not of its prototype alone: who reports errors asks the engine whether it is one.
    const clean = Object.setPrototypeOf(new Error(message), Object.getPrototypeOf(error)) as Error;
    return Object.defineProperties(clean, {
      ...hidden({ name, message, stack }),
      ...this.#code(error),
      ...this.#below(error, depth),
    });
  }

  #text(text: string): string {
    return foreignText(withoutAddresses(redactText(this.#clean(String(text)))));
  }

  /** What stands before them repeats the message, which may have lines of its own. */
  #frames({ stack, message }: Error): readonly string[] {
    const text = String(stack ?? '').replace(message, '');
    const frames = text.split('\n').filter((line) => /^\s+at /.test(line));
    return frames.slice(0, mostFrames).map((line) => `    ${foreignText(redactText(line))}`);
  }

  #code(error: Error): PropertyDescriptorMap {
    const code = 'code' in error && /^\w{1,64}$/.test(String(error.code)) ? String(error.code) : undefined;
    return code === undefined ? {} : { code: { value: code, enumerable: true, ...open } };
  }

  #below(error: Error, depth: number): PropertyDescriptorMap {
    if (depth >= mostCauses) return {};
    const { cause } = error;
    const errors = error instanceof AggregateError ? error.errors.slice(0, mostCauses) : [];
    return hidden({
      ...(cause === undefined ? {} : { cause: this.of(cause, depth + 1) }),
      ...(errors.length === 0 ? {} : { errors: errors.map((each) => this.of(each, depth + 1)) }),
    });
  }
}

/** What is no error may be anything, and only a text tells what it is meant to say. */
function thrown(value: unknown): string {
  return typeof value === 'string' ? value : `what was thrown is no error but of type ${typeof value}`;
}

/** As with any error, who reports it may put words of its own in. */
const open = { writable: true, configurable: true };

/** Properties as those of an error are: there, and not among its own facts. */
function hidden(facts: Readonly<Record<string, unknown>>): PropertyDescriptorMap {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, { value, enumerable: false, ...open }]),
  );
}
