const CRLF = Buffer.from('\r\n');
const HEADERS_END = Buffer.from('\r\n\r\n');
const MAX_HEADERS_BYTES = 16 * 1024;

/** What the headers of a part say. */
export interface PartHead {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string | undefined;
}

/** Takes the bytes of one part as they come. */
export interface PartReader {
  write(bytes: Buffer): void;
  end?(): void;
}

/** A body that is not `multipart/form-data` (RFC 7578, RFC 2046 §5.1). */
export class MalformedMultipartError extends Error {
  override name = 'MalformedMultipartError' as const;
}

type State = 'preamble' | 'boundary' | 'headers' | 'body' | 'epilogue';

/**
 * Reads multipart/form-data as it arrives and passes the bytes of each part on. What it holds itself is never more
 * than one chunk, the headers of one part and a boundary.
 */
export class MultipartReader {
  readonly #delimiter: Buffer;
  readonly #openPart: (head: PartHead) => PartReader;
  #state: State = 'preamble';
  // The delimiter begins with a line break, which the first one of a body does not have.
  #held: Buffer = CRLF;
  #part: PartReader | undefined;

  /** @param openPart Called when the headers of a part have been read: answers who takes its bytes. */
  constructor(boundary: string, openPart: (head: PartHead) => PartReader) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
    this.#openPart = openPart;
  }

  write(chunk: Buffer): void {
    let input = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let before: State;
    do {
      before = this.#state;
      input = input.subarray(this.#step(input));
    } while (this.#state !== before);
    this.#held = input;
  }

  /** To be called after the last chunk. */
  end(): void {
    if (this.#state !== 'epilogue') throw new MalformedMultipartError('it has no closing boundary');
  }

  /** Answers how many bytes are done with. A state that did not change asks for more input. */
  #step(input: Buffer): number {
    switch (this.#state) {
      case 'preamble':
        return this.#findDelimiter(input);
      case 'boundary':
        return this.#endBoundary(input);
      case 'headers':
        return this.#readHeaders(input);
      case 'body':
        return this.#findDelimiter(input);
      case 'epilogue':
        return input.length;
    }
  }

  #findDelimiter(input: Buffer): number {
    const at = input.indexOf(this.#delimiter);
    if (at === -1) {
      const done = Math.max(0, input.length - this.#delimiter.length + 1);
      if (done > 0) this.#part?.write(input.subarray(0, done));
      return done;
    }
    if (at > 0) this.#part?.write(input.subarray(0, at));
    this.#part?.end?.();
    this.#part = undefined;
    this.#state = 'boundary';
    return at + this.#delimiter.length;
  }

  #endBoundary(input: Buffer): number {
    if (input.length < 2) return 0;
    const after = input.toString('latin1', 0, 2);
    if (after !== '--' && after !== '\r\n')
      throw new MalformedMultipartError('a boundary does not end its line');
    this.#state = after === '--' ? 'epilogue' : 'headers';
    // The line break stays: headers, even none, end with an empty line.
    return after === '--' ? 2 : 0;
  }

  #readHeaders(input: Buffer): number {
    const end = input.indexOf(HEADERS_END);
    if (end > MAX_HEADERS_BYTES || (end === -1 && input.length > MAX_HEADERS_BYTES)) {
      throw new MalformedMultipartError(`the headers of a part are longer than ${MAX_HEADERS_BYTES} bytes`);
    }
    if (end === -1) return 0;
    this.#part = this.#openPart(partHeadOf(input.toString('utf8', 2, end)));
    this.#state = 'body';
    return end + HEADERS_END.length;
  }
}

function partHeadOf(headers: string): PartHead {
  const disposition = /^content-disposition:\s*form-data\s*(;.*)$/im.exec(headers)?.[1] ?? '';
  const parameters = parametersOf(disposition);
  const name = parameters.get('name');
  if (name === undefined) throw new MalformedMultipartError('a part has no name');
  const type = /^content-type:\s*([^\r\n]+)$/im.exec(headers)?.[1]?.trim();
  return { name, filename: parameters.get('filename'), type };
}

/** Read one after the other, because a quoted value may look like another parameter. */
function parametersOf(disposition: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, bare] of disposition.matchAll(/;\s*([\w*-]+)=(?:"([^"]*)"|([^;\s]*))/g)) {
    const value = quoted ?? bare ?? '';
    parameters.set(
      name.toLowerCase(),
      value.replace(/%(22|0D|0A)/gi, (escaped) => decodeURIComponent(escaped)),
    );
  }
  return parameters;
}

/** The boundary that a Content-Type names, `undefined` when it is not a usable `multipart/form-data`. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) return undefined;
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^;\s"]{1,70}))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}
