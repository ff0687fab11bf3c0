import { type Agent, buildConnector } from 'undici';

import type { BudgetScope } from '../budget.ts';
import { StateError } from '../errors.ts';
import { foreignText } from '../foreign-text.ts';
import type { Host, HostLimits, HostUpload, HostUploadOptions } from '../host.ts';
import type { JobOptions } from '../job.ts';
import type { Settings } from '../settings.ts';
import type { SourceImage } from '../source.ts';
import { TransferError } from '../transfer-error.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { BearerCredentials } from './bearer-credentials.ts';
import { type Credentials, clientIdCredentials } from './credentials.ts';
import { credentialsRefusal, tokenStoreFailure } from './credentials-errors.ts';
import { exchange } from './exchange.ts';
import { HostTrouble } from './host-trouble.ts';
import { readAnswer } from './imgur-answer.ts';
import { type ImgurBuckets, imgurBuckets } from './imgur-buckets.ts';
import {
  type ImgurHostOptions,
  type ResolvedImgurOptions,
  resolveImgurOptions,
} from './imgur-host-options.ts';
import type { ImgurRefusal } from './imgur-refusal.ts';
import { readImgurRefusal, readImgurReply } from './imgur-reply.ts';
import { imgurSettings } from './imgur-settings.ts';
import type { ImgurTokenStore } from './imgur-tokens.ts';
import { PostBuffers } from './post-buffers.ts';
import type { Reply, ReplyContext } from './reply.ts';
import { Secrets } from './secrets.ts';
import { type ImgurRoute, sendImage } from './send-image.ts';
import { refreshTokens } from './token-refresh.ts';
import { watchedAgent } from './watched-client.ts';

/** Imgur as a host. Close it when nothing is uploaded any more: it owns its connections. */
export interface ImgurHost extends Host {
  delete(deleteHash: string, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Ends all connections; an upload that is still running rejects. Closing twice is closing once. */
  close(): Promise<void>;
}

/**
 * Makes a host that uploads to Imgur, without an account, into an account, or by RapidAPI. Opens nothing before the
 * first upload.
 * @throws InvalidOptionError
 */
export function createImgurHost(options: ImgurHostOptions): ImgurHost {
  return new Imgur(resolveImgurOptions(options));
}

const rapidApiHost = 'imgur-apiv3.p.rapidapi.com';

/** All that must stay secret is in private fields, which no inspection shows. */
class Imgur implements ImgurHost {
  readonly name: string;
  readonly limits: HostLimits;
  readonly budget: BudgetScope;
  readonly settings: Settings;
  readonly #options: ResolvedImgurOptions;
  readonly #buckets: ImgurBuckets;
  readonly #secrets: Secrets;
  readonly #agent: Agent;
  readonly #buffers = new PostBuffers();
  readonly #credentials: Credentials;
  readonly #trouble: HostTrouble;
  readonly #closing = new AbortController();

  constructor(options: ResolvedImgurOptions) {
    const { clientId, clientSecret, rapidApiKey, tokens } = options;
    this.#options = options;
    this.name = options.name;
    this.limits = options.limits;
    this.settings = imgurSettings(options);
    this.#buckets = imgurBuckets({ ...options, rapidApi: rapidApiKey !== undefined });
    this.budget = this.#buckets.scope;
    this.#trouble = new HostTrouble(this.#buckets, options.now);
    this.#secrets = new Secrets([clientId, clientSecret, rapidApiKey]);
    this.#agent = agentFor(options);
    this.#credentials = tokens === undefined ? clientIdCredentials(clientId) : this.#bearer(tokens);
  }

  async upload(image: SourceImage, options: HostUploadOptions): Promise<HostUpload> {
    this.#requireOpen();
    options.signal.throwIfAborted();
    this.#requireFit(image);
    const authorization = await this.#authorize(options.signal);
    const sentAtMs = this.#options.now();
    const reply = await this.#send(image, authorization, options);
    const meaning = readImgurReply(reply, this.#context([options.album], options));
    if (meaning.status === 'refused')
      throw await this.#refused(meaning, authorization, options.signal, keyOf(image, options));
    this.#trouble.ended(sentAtMs);
    this.#credentials.accepted();
    return meaning.upload;
  }

  async delete(deleteHash: string, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    this.#requireOpen();
    if (!/^[A-Za-z0-9]{1,64}$/.test(deleteHash))
      throw new TransferError('host_rejected', 'a deletehash of Imgur has letters and digits only', {
        notSent: true,
      });
    const authorization = await this.#authorize(signal);
    const reply = await this.#sendDelete(deleteHash, authorization, signal);
    if (!isGone(reply))
      throw await this.#refused(readImgurRefusal(reply, this.#context([deleteHash])), authorization, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(new StateError('the Imgur host was closed'));
    await this.#credentials.close();
    await this.#agent.destroy();
  }

  #requireOpen(): void {
    if (this.#closing.signal.aborted) throw new StateError('the Imgur host is closed');
  }

  /** A source has checked this already; a source of somebody else's may not have. */
  #requireFit({ type, bytes }: SourceImage): void {
    const maxBytes = Object.hasOwn(this.limits.maxBytes, type) ? this.limits.maxBytes[type] : undefined;
    if (maxBytes === undefined)
      throw new TransferError('unsupported_type', `Imgur does not take ${foreignText(type)}`, {
        notSent: true,
      });
    if (bytes > maxBytes)
      throw new TransferError(
        'too_large',
        `the image has ${bytes} bytes and Imgur takes ${maxBytes} of ${type}`,
        {
          notSent: true,
        },
      );
  }

  /** What goes wrong before the image is sent costs nothing of Imgur's limits. */
  #authorize(signal: AbortSignal): string | Promise<string> {
    const authorization = this.#credentials.authorization();
    return typeof authorization === 'string' ? authorization : this.#authorized(authorization, signal);
  }

  async #authorized(authorization: Promise<string>, signal: AbortSignal): Promise<string> {
    try {
      return await unlessAborted(authorization, signal);
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      const { code, message, retry, retryAfterMs, reading, cause } = error;
      throw new TransferError(code, message, {
        cause,
        retry,
        notSent: true,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(reading === undefined ? {} : { reading }),
      });
    }
  }

  async #send(image: SourceImage, authorization: string, options: HostUploadOptions): Promise<Reply> {
    try {
      const sender = { dispatcher: this.#agent, buffers: this.#buffers };
      return await sendImage(sender, this.#route(authorization), image, options);
    } catch (error) {
      throw error instanceof TransferError ? this.#trouble.judge(error, keyOf(image, options)) : error;
    }
  }

  async #refused(
    { fault, error }: ImgurRefusal,
    authorization: string,
    signal: AbortSignal,
    image?: string,
  ): Promise<TransferError> {
    // Imgur had the image and failed on it, which says nothing of the others.
    if (fault === 'hiccup') return error;
    const told =
      fault === 'token' ? unlessAborted(this.#credentials.refused(authorization, error), signal) : error;
    return this.#trouble.judge(await told, image);
  }

  #sendDelete(deleteHash: string, authorization: string, signal: AbortSignal): Promise<Reply> {
    const route = this.#route(authorization);
    return exchange(this.#agent, {
      ...route,
      path: `${route.path}/3/image/${encodeURIComponent(deleteHash)}`,
      method: 'DELETE',
      carriesImage: false,
      signal,
    });
  }

  #route(authorization: string): ImgurRoute {
    const { api, rapidApiKey, headersTimeoutMs, idleTimeoutMs, now } = this.#options;
    const rapidApi =
      rapidApiKey === undefined ? {} : { 'x-rapidapi-key': rapidApiKey, 'x-rapidapi-host': rapidApiHost };
    return {
      ...api,
      headers: { accept: 'application/json', authorization, ...rapidApi },
      headersTimeoutMs,
      idleTimeoutMs,
      now,
    };
  }

  /** @param besides What must not be shown of this reply; an album may be named by its deletehash. */
  #context(besides: readonly (string | undefined)[] = [], job: JobOptions = {}): ReplyContext {
    const nowMs = this.#options.now();
    const { overloadMs, limitMs } = this.#trouble.pausesAt(nowMs);
    return {
      buckets: this.#buckets,
      nowMs,
      overloadMs,
      limitMs,
      job,
      redact: (text, own) => this.#secrets.redact(text, [...besides, own]),
      hasSecret: (link, own) => this.#secrets.areIn(link, [...besides, own]),
    };
  }

  #bearer(store: ImgurTokenStore): Credentials {
    return new BearerCredentials({
      store,
      refresh: (refreshToken) => this.#refresh(refreshToken),
      refusal: (fact) => credentialsRefusal(this.#buckets, fact),
      storeFailure: tokenStoreFailure,
      keepSecret: (token) => this.#secrets.add(token),
      now: this.#options.now,
      // A lock may be held for as long as another process needs to renew the tokens.
      timeoutMs: 2 * (this.#options.headersTimeoutMs + this.#options.idleTimeoutMs),
      closing: this.#closing.signal,
    });
  }

  #refresh(refreshToken: string): ReturnType<typeof refreshTokens> {
    const { oauth, clientId, clientSecret, headersTimeoutMs, idleTimeoutMs, now } = this.#options;
    if (clientSecret === undefined)
      throw credentialsRefusal(this.#buckets, 'there is no clientSecret to renew the access token with');
    return refreshTokens(refreshToken, {
      dispatcher: this.#agent,
      route: { ...oauth, headers: { accept: 'application/json' }, headersTimeoutMs, idleTimeoutMs, now },
      clientId,
      clientSecret,
      context: () => this.#context(),
      refusal: (fact) => credentialsRefusal(this.#buckets, fact),
      signal: this.#closing.signal,
    });
  }
}

/** HTTP/2 is switched off in the connector, where it counts: over it uploads are slower and share one connection. */
function agentFor({ connections, connectTimeoutMs }: ResolvedImgurOptions): Agent {
  return watchedAgent({
    connections,
    allowH2: false,
    connect: buildConnector({ allowH2: false, timeout: connectTimeoutMs }),
  });
}

/** Tells images apart. Without a name for it, two of one type that have the same size to the byte are one. */
function keyOf({ type, bytes }: SourceImage, { key }: HostUploadOptions): string {
  return key ?? `${type} ${bytes}`;
}

/** An image that was not there is as good as deleted. */
function isGone({ status, text }: Reply): boolean {
  return status === 404 || (status >= 200 && status < 300 && readAnswer(text).success === true);
}
