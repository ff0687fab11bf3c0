import type { Budget } from '../budget.ts';
import type { Fleet } from '../fleet.ts';
import type { Queue } from '../queue.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store.ts';
import { ConditionWaits } from './condition-waits.ts';

/** What a {@link ScriptedStore} does: the methods that the test needs, and no more. */
export interface StoreScript extends Partial<Omit<Store, 'queue' | 'budget' | 'fleet'>> {
  /** The methods of the queue that the test needs. @default none */
  readonly queue?: Partial<Queue>;
  /** The methods of the budget that the test needs. @default none */
  readonly budget?: Partial<Budget>;
  /** The methods of the fleet that the test needs. @default none */
  readonly fleet?: Partial<Fleet>;
}

/** One call of a {@link ScriptedStore}. */
export interface ScriptedCall {
  /** As in `settle` or `queue.claim`. */
  readonly method: string;
  /** What it was given. */
  readonly args: readonly unknown[];
}

/**
 * A store that does what a test says and nothing else, for looking at one step of a worker or an uploader at a time.
 * A method without a script fails with `<method> is not scripted`, so that no call goes unnoticed.
 */
export class ScriptedStore implements Store {
  /** Every call so far, in order, those without a script included. */
  readonly calls: ScriptedCall[] = [];
  readonly queue: Queue;
  readonly budget: Budget;
  readonly fleet: Fleet;
  readonly create: Store['create'];
  readonly get: Store['get'];
  readonly uploads: Store['uploads'];
  readonly list: Store['list'];
  readonly recentFailures: Store['recentFailures'];
  readonly links: Store['links'];
  readonly recall: Store['recall'];
  readonly deleteHashes: Store['deleteHashes'];
  readonly settle: Store['settle'];
  readonly cancel: Store['cancel'];
  readonly retry: Store['retry'];
  readonly pause: Store['pause'];
  readonly resume: Store['resume'];
  readonly stats: Store['stats'];
  readonly events: Store['events'];
  readonly tellProgress: Store['tellProgress'];
  readonly hearProgress: Store['hearProgress'];
  readonly close: Store['close'];
  readonly settings: Settings;
  readonly #waits = new ConditionWaits();

  constructor(script: StoreScript = {}) {
    this.queue = this.#scriptedQueue(script.queue ?? {});
    this.budget = this.#scriptedBudget(script.budget ?? {});
    this.fleet = this.#scriptedFleet(script.fleet ?? {});
    this.create = this.#play('create', script.create?.bind(script));
    this.get = this.#play('get', script.get?.bind(script));
    this.uploads = this.#play('uploads', script.uploads?.bind(script));
    this.list = this.#play('list', script.list?.bind(script));
    this.recentFailures = this.#play('recentFailures', script.recentFailures?.bind(script));
    this.links = this.#play('links', script.links?.bind(script));
    this.recall = this.#play('recall', script.recall?.bind(script));
    this.deleteHashes = this.#play('deleteHashes', script.deleteHashes?.bind(script));
    this.settle = this.#play('settle', script.settle?.bind(script));
    this.cancel = this.#play('cancel', script.cancel?.bind(script));
    this.retry = this.#play('retry', script.retry?.bind(script));
    this.pause = this.#play('pause', script.pause?.bind(script));
    this.resume = this.#play('resume', script.resume?.bind(script));
    this.stats = this.#play('stats', script.stats?.bind(script));
    this.events = this.#playEvents(script.events?.bind(script));
    this.tellProgress = this.#play('tellProgress', script.tellProgress?.bind(script));
    this.hearProgress = this.#play('hearProgress', script.hearProgress?.bind(script));
    this.close = this.#play('close', script.close?.bind(script));
    this.settings = script.settings ?? {};
  }

  /** The calls of one method, in order. */
  callsOf(method: string): readonly ScriptedCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** Resolves with the calls of a method once there are at least so many. */
  async waitFor(
    method: string,
    count: number = 1,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly ScriptedCall[]> {
    await this.#waits.until(() => this.callsOf(method).length >= count, options.signal);
    return this.callsOf(method);
  }

  #scriptedQueue(script: Partial<Queue>): Queue {
    return {
      claim: this.#play('queue.claim', script.claim?.bind(script)),
      extend: this.#play('queue.extend', script.extend?.bind(script)),
      release: this.#play('queue.release', script.release?.bind(script)),
      wait: this.#play('queue.wait', script.wait?.bind(script)),
    };
  }

  #scriptedBudget(script: Partial<Budget>): Budget {
    return {
      read: this.#play('budget.read', script.read?.bind(script)),
      list: this.#play('budget.list', script.list?.bind(script)),
      observe: this.#play('budget.observe', script.observe?.bind(script)),
      charge: this.#play('budget.charge', script.charge?.bind(script)),
    };
  }

  #scriptedFleet(script: Partial<Fleet>): Fleet {
    return {
      beat: this.#play('fleet.beat', script.beat?.bind(script)),
      leave: this.#play('fleet.leave', script.leave?.bind(script)),
      list: this.#play('fleet.list', script.list?.bind(script)),
      command: this.#play('fleet.command', script.command?.bind(script)),
    };
  }

  /** Rejects and never throws, as a method of a real store. */
  #play<Args extends readonly unknown[], Answer>(
    method: string,
    scripted: ((...args: Args) => Promise<Answer>) | undefined,
  ): (...args: Args) => Promise<Answer> {
    return async (...args) => {
      this.#record(method, args);
      if (!scripted) throw notScripted(method);
      return scripted(...args);
    };
  }

  #playEvents(scripted: Store['events'] | undefined): Store['events'] {
    return (options) => {
      this.#record('events', [options]);
      if (!scripted) throw notScripted('events');
      return scripted(options);
    };
  }

  #record(method: string, args: readonly unknown[]): void {
    this.calls.push({ method, args });
    this.#waits.changed();
  }
}

function notScripted(method: string): Error {
  return new Error(`${method} is not scripted`);
}
