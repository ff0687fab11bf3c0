import { InvalidOptionError } from './errors.ts';
import type { JobOptions, Metadata } from './job.ts';
import { checkOptionNames, type OptionNames } from './option-names.ts';

/** What may go with a submit. */
export interface SubmitOptions extends JobOptions {
  /**
   * Makes the submit safe to send again: the same key with the same URLs, title, description and
   * album is the same job.
   * 1 to 255 printable ASCII characters.
   */
  readonly idempotencyKey?: string;
  /** Anything of the application's own, echoed in summaries and events. JSON, at most 4 KiB. */
  readonly metadata?: Metadata;
}

const names = {
  idempotencyKey: true,
  metadata: true,
  title: true,
  description: true,
  album: true,
} satisfies OptionNames<SubmitOptions>;
const maxMetadataBytes = 4_096;
const maxTextLength = 4_096;

/**
 * Refuses what can not go with a submit and answers what does, with metadata as it will be kept.
 * @throws InvalidOptionError
 */
export function checkSubmitOptions(options: SubmitOptions): SubmitOptions {
  checkOptionNames(options, names);
  const { idempotencyKey, metadata } = options;
  if (idempotencyKey !== undefined && !/^[\x20-\x7e]{1,255}$/.test(idempotencyKey))
    throw new InvalidOptionError('idempotencyKey', 'must be 1 to 255 printable ASCII characters');
  return {
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(metadata === undefined ? {} : { metadata: plainJson(metadata) }),
    ...checkJobOptions(options),
  };
}

function checkJobOptions(options: JobOptions): JobOptions {
  const { title, description, album } = options;
  const given = { title, description, album };
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && (typeof value !== 'string' || value.length > maxTextLength))
      throw new InvalidOptionError(name, `must be a text of at most ${maxTextLength} characters`);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function plainJson(metadata: Metadata): Metadata {
  const text = asJson(metadata);
  if (text === undefined || !text.startsWith('{'))
    throw new InvalidOptionError('metadata', 'must be an object that can be written as JSON');
  const bytes = Buffer.byteLength(text);
  if (bytes > maxMetadataBytes)
    throw new InvalidOptionError(
      'metadata',
      `is ${bytes} bytes as JSON; at most ${maxMetadataBytes} are kept`,
    );
  return JSON.parse(text);
}

function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
