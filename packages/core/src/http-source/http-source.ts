import { StateError } from '../errors.ts';
import type { Settings } from '../settings.ts';
import type { OpenOptions, Source, SourceImage } from '../source.ts';
import { TransferError } from '../transfer-error.ts';
import { GuardedConnector } from './addresses/guarded-connector.ts';
import { BusyRoutes } from './busy-routes.ts';
import { HeldBytes } from './held-bytes.ts';
import { HostConnections } from './host-connections.ts';
import { HostTurns } from './host-turns.ts';
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

class GuardedHttpSource implements HttpSource {
  readonly maxHeldBytes: number;
  readonly settings: Settings;
  readonly #opener: Opener;
  #closed: Promise<void> | undefined;

  constructor(options: ResolvedHttpSourceOptions) {
    this.maxHeldBytes = options.maxHeldBytes;
    this.settings = options.settings;
    this.#opener = {
      options,
      turns: new HostTurns(options),
      busyRoutes: new BusyRoutes(),
      connections: new HostConnections(new GuardedConnector(options), options.connectionsPerHost),
      heldBytes: new HeldBytes(options.maxHeldBytes),
      headers: requestHeaders(options.userAgent),
    };
  }

  open(url: string, options: OpenOptions): Promise<SourceImage> {
    if (this.#closed !== undefined) return Promise.reject(new StateError('the source is closed'));
    return new Opening(this.#opener, options).image(url);
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    const reason = new TransferError('source_unreachable', 'the source was closed');
    this.#opener.heldBytes.close(reason);
    await this.#opener.connections.close(reason);
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
