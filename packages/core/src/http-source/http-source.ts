import { Agent } from 'undici';

import { StateError } from '../errors.ts';
import type { OpenOptions, Source, SourceImage } from '../source.ts';
import { TransferError } from '../transfer-error.ts';
import { GuardedConnector } from './guarded-connector.ts';
import { HeldBytes } from './held-bytes.ts';
import {
  type HttpSourceOptions,
  type ResolvedHttpSourceOptions,
  resolveHttpSourceOptions,
} from './http-source-options.ts';
import { type Opener, Opening } from './opening.ts';

/** Reads images from the public web. */
export interface HttpSource extends Source {
  readonly maxHeldBytes: number;
  /** Ends every connection; images on their way fail as `source_unreachable`. Closing twice is closing once. */
  close(): Promise<void>;
}

/**
 * Reads images from the public web over http and https, and from nowhere else: every address is judged before it is
 * dialled, on every redirect too. Proxy settings in the environment are ignored. Close it when it is not needed.
 * @throws InvalidOptionError
 */
export function createHttpSource(options: HttpSourceOptions = {}): HttpSource {
  return new GuardedHttpSource(resolveHttpSourceOptions(options));
}

/** Below what servers commonly keep an idle connection for; a server that says how long is heeded. */
const keepAliveTimeoutMs = 4_000;

class GuardedHttpSource implements HttpSource {
  readonly maxHeldBytes: number;
  readonly #agent: Agent;
  readonly #opener: Opener;
  #closed: Promise<void> | undefined;

  constructor(options: ResolvedHttpSourceOptions) {
    this.maxHeldBytes = options.maxHeldBytes;
    const connector = new GuardedConnector(options);
    this.#agent = new Agent({
      connect: connector.connect,
      connections: options.connectionsPerOrigin,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveTimeoutMs,
      // Kept by the clock of each image, which stands still while nobody waits.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#opener = {
      options,
      dispatcher: this.#agent,
      connector,
      heldBytes: new HeldBytes(options.maxHeldBytes),
      headers: requestHeaders(options.userAgent),
    };
  }

  async open(url: string, options: OpenOptions): Promise<SourceImage> {
    if (this.#closed !== undefined) throw new StateError('the source is closed');
    options.signal.throwIfAborted();
    return new Opening(this.#opener, options).image(url);
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    const reason = new TransferError('source_unreachable', 'the source was closed');
    this.#opener.heldBytes.close(reason);
    await this.#agent.destroy(reason);
  }
}

function requestHeaders(userAgent: string): string[] {
  return [
    'accept',
    'image/*,video/*;q=0.9,*/*;q=0.1',
    'accept-encoding',
    'identity',
    'user-agent',
    userAgent,
  ];
}
