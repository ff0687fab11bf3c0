import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Redis } from 'ioredis';

import { StateError, StoreUnavailableError } from '@imgferry/core';
import { checkServer, requireSchema, type SchemaFound } from './check-server.ts';
import type { Client } from './client-settings.ts';
import { Clients } from './clients.ts';
import { InTime } from './in-time.ts';
import type { ResolvedOptions } from './options.ts';
import { redisError } from './redis-error.ts';
import { sendAlone } from './send-alone.ts';
import { type StepName, stepDigest, stepKeys, stepNames, stepText } from './step-text.ts';

/** How a {@link Connection} is used. */
export interface ConnectionUse {
  /** Whether it must change nothing: keys of an earlier schema are refused then. */
  readonly onlyReads?: boolean;
}

/** A step to be sent. */
interface StepCall {
  readonly step: StepName;
  readonly args: readonly (string | number)[];
  /** For one whose answer is long: it is sent by itself, and its texts are answered as characters or as their bytes. */
  readonly alone?: 'utf8' | 'bytes';
}

/**
 * The way to Redis. Opens a connection when it is first needed, and others of its own for hearing wake-ups, for waiting
 * for events and for reading many of them.
 */
export class Connection {
  readonly prefix: string;
  /** For how long a step is waited for. */
  readonly timeoutMs: number;
  readonly #options: ResolvedOptions;
  readonly #clients: Clients;
  readonly #inTime: InTime;
  readonly #onlyReads: boolean;
  #checked: Promise<void> | undefined;
  #aside: Promise<Client> | undefined;
  #closed = false;

  constructor(options: ResolvedOptions, { onlyReads = false }: ConnectionUse = {}) {
    this.#options = options;
    this.#onlyReads = onlyReads;
    this.timeoutMs = options.timeoutMs;
    this.prefix = `{${options.namespace}}:`;
    this.#inTime = new InTime(options.timeoutMs, () => this.#clients.late());
    this.#clients = new Clients(options, this.#inTime);
  }

  /** Resolves once Redis has been found fit, and its keys are of the schema of this version. @throws RedisSetupError @throws StoreUnavailableError */
  ready(): Promise<void> {
    this.#checked ??= this.#check();
    return this.#checked;
  }

  /** Runs a step and answers what it answers. @throws StoreUnavailableError */
  async run(step: StepName, args: readonly (string | number)[]): Promise<unknown> {
    return this.#run(async () => this.#clients.main, { step, args });
  }

  /** Runs a step whose answer is long. @throws StoreUnavailableError */
  async runAlone(
    step: StepName,
    args: readonly (string | number)[],
    texts: 'utf8' | 'bytes',
  ): Promise<unknown> {
    return this.#run(async () => this.#clients.main, { step, args, alone: texts });
  }

  /**
   * Runs a step that reads much, on a connection beside the others: replies come one after another, and all steps would
   * wait behind it. What was answered can go with the next scavenge, see {@link sendAlone}.
   * @throws StoreUnavailableError
   */
  async runAside(step: StepName, args: readonly (string | number)[]): Promise<unknown> {
    return this.#run(() => this.#openAside(), { step, args, alone: 'utf8' });
  }

  /** A connection that hears what is published. `again` is called each time it was made anew, `ended` when it is over. */
  async subscriber(again: () => void, ended: () => void): Promise<Redis> {
    this.#requireOpen();
    const client = await this.#clients.openSubscriber(this.prefix);
    client.on('ready', again);
    client.once('end', ended);
    return client;
  }

  /** A connection for one purpose, which ends with this. Answers on it may take `extraMs` longer than those of steps. */
  async dedicated(extraMs: number): Promise<Client> {
    this.#requireOpen();
    return this.#clients.open(extraMs);
  }

  /** Closes what this has opened, and ends the steps that are under way: whoever closes waits for none of them. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#inTime.endAll(new StoreUnavailableError('the Redis store was closed meanwhile'));
    this.#clients.close();
  }

  async #run(client: () => Promise<Client>, call: StepCall): Promise<unknown> {
    this.#requireOpen();
    try {
      return await this.#inTime.wait(async (over) => {
        await this.ready();
        return this.#sendUntilOver(await client(), call, over);
      });
    } catch (error) {
      throw redisError(call.step, error);
    }
  }

  async #openAside(): Promise<Client> {
    this.#aside ??= this.#clients.open(0);
    const aside = this.#aside;
    try {
      return await aside;
    } catch (error) {
      if (this.#aside === aside) this.#aside = undefined;
      throw error;
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new StateError('the Redis store is closed');
  }

  async #check(): Promise<void> {
    const { main } = this.#clients;
    try {
      await this.#inTime.wait(() => this.#clients.untilReady(main));
      const found = await this.#inTime.wait(() => checkServer(main, this.prefix, this.#options.logger));
      await this.#inTime.wait(() => this.#loadSteps());
      await this.#migrate(found);
      this.#clients.tellFit();
    } catch (error) {
      this.#checked = undefined;
      throw redisError('check', error);
    }
  }

  /** Brings the keys to the schema of this version, as far as nobody else does. */
  async #migrate(found: SchemaFound): Promise<void> {
    if (this.#onlyReads) return requireSchema(found);
    const relist = () =>
      this.#inTime.wait((over) =>
        this.#sendUntilOver(this.#clients.main, { step: 'relist', args: [] }, over),
      );
    while ((await relist()) !== 1);
  }

  /** So that steps are taken in the order in which they are sent: one that Redis does not know has to be sent twice. */
  async #loadSteps(): Promise<void> {
    const texts = stepNames.map(stepText);
    await Promise.all(
      this.#clients.masters.flatMap((node) => texts.map((text) => node.script('LOAD', text))),
    );
  }

  /**
   * Sends a step, and again when its connection ends before the answer: every step gives the same answer twice. Nothing
   * is sent any more once its caller was told that it failed.
   */
  async #sendUntilOver(client: Client, call: StepCall, over: AbortSignal): Promise<unknown> {
    for (;;) {
      if (client.status !== 'ready') await this.#clients.untilReady(client);
      over.throwIfAborted();
      try {
        return await this.#send(client, call);
      } catch (error) {
        if (!this.#clients.isLost(error)) throw error;
        // The connection may not know yet that it has ended.
        await nextTurn();
      }
    }
  }

  async #send(client: Client, { step, args, alone }: StepCall): Promise<unknown> {
    const keys = stepKeys(this.prefix);
    const sent = [keys.length, ...keys, ...args] as const;
    const send = (command: 'evalsha' | 'eval', script: string): Promise<unknown> =>
      alone === undefined
        ? client[command](script, ...sent)
        : sendAlone(client, alone, [command, script, ...sent]);
    try {
      return await send('evalsha', stepDigest(step));
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await send('eval', stepText(step));
    }
  }
}
