import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

import { checkCommand } from './check-command.ts';
import { StateError } from './errors.ts';
import type { Tell } from './event-hub.ts';
import type { WorkerCommand } from './fleet.ts';
import { HeldLeases } from './held-leases.ts';
import { HostWatch } from './host-watch.ts';
import { inTime } from './in-time.ts';
import type { Lease } from './lease.ts';
import { longestTimerMs, type ResolvedOptions, whole } from './options.ts';
import { Outbox } from './outbox.ts';
import { Pace } from './pace.ts';
import { ProgressSender } from './progress-sender.ts';
import { Pulse, type WorkerState } from './pulse.ts';
import type { EndedUpload } from './queue.ts';
import { SingleFlight } from './single-flight.ts';
import { Slots, WorkerStops } from './slots.ts';

const restAfterErrorMs = 500;
/** How long a stop goes on beyond its time-out, to hand back what it cut short. */
const handBackMs = 1_500;

/** What one claim came to. */
interface ClaimCount {
  readonly asked: number;
  readonly claimed: number;
  readonly nextInMs: number | undefined;
}

/**
 * Claims uploads as it has slots for them and sees each one through. The store's wake-ups make it quick, but it finds
 * its work without them.
 */
export class Worker {
  readonly #options: ResolvedOptions;
  readonly #tell: Tell;
  readonly #held: HeldLeases;
  readonly #outbox: Outbox;
  readonly #progress: ProgressSender;
  readonly #hostWatch: HostWatch;
  readonly #pulse: Pulse;
  readonly #slots: Slots;
  readonly #pace = new Pace();
  readonly #stopping = new AbortController();
  #paused = false;
  #running: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  readonly #end = Promise.withResolvers<void>();

  constructor(options: ResolvedOptions, tell: Tell) {
    this.#options = options;
    this.#tell = tell;
    this.#held = new HeldLeases({ ...options, queue: options.store.queue });
    this.#outbox = new Outbox({
      store: options.store,
      pace: this.#pace,
      onError: (error) => tell('error', { error, during: 'telling the store what became of an upload' }),
    });
    this.#progress = new ProgressSender(options.store);
    this.#slots = new Slots({
      attendance: {
        options,
        tell,
        outbox: this.#outbox,
        progress: this.#progress,
        pace: this.#pace,
        flights: new SingleFlight(),
      },
      held: this.#held,
      slots: options.concurrency,
      stopping: this.#stopping.signal,
    });
    this.#hostWatch = new HostWatch(options, tell);
    this.#pulse = new Pulse({
      options,
      tell,
      held: this.#held,
      state: () => this.#state(),
      obey: (command) => this.#obey(command),
    });
  }

  /** Begins to work, until {@link stop}. Starting twice is starting once. */
  start(): void {
    if (this.#stopped !== undefined) throw new StateError('the worker was stopped and can not start again');
    if (this.#running !== undefined) return;
    this.#pulse.start();
    this.#running = this.#run();
  }

  /** Claims once for the slots that are free and begins with what it got. Answers how many that were. */
  async tick(): Promise<number> {
    return (await this.#claim()).claimed;
  }

  /** How many uploads it may run at once. */
  get slots(): number {
    return this.#slots.count;
  }

  /** Changes how many uploads run at once. What already runs beyond that is finished. */
  resize(slots: number): void {
    this.#slots.resize(slots);
  }

  /** Claims nothing more until {@link resume}; what runs is finished. */
  pause(): void {
    this.#paused = true;
    this.#slots.notify();
  }

  resume(): void {
    this.#paused = false;
    this.#slots.notify();
  }

  /**
   * For who is about to cancel a job here: answers the function that then ends what this worker ran of it, without
   * waiting for a heartbeat to say so.
   */
  cancelling(jobId: string): () => void {
    return this.#held.cancelling(jobId);
  }

  /**
   * Claims nothing more, lets what runs finish, hands back what has not finished after `timeoutMs`, and resolves when
   * nothing is left. Burns no attempt. Stopping twice is stopping once, with the time-out of the first.
   */
  stop(timeoutMs: number = this.#options.drainTimeoutMs): Promise<void> {
    this.#stopped ??= this.#drain(
      timeoutMs === Number.POSITIVE_INFINITY ? longestTimerMs : whole('timeoutMs', timeoutMs, 0),
    );
    return this.#stopped;
  }

  /** Resolves when a stop has been carried out, whether asked for here or by a `drain` of the fleet. */
  get stopped(): Promise<void> {
    return this.#end.promise;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (this.#free() === 0) await this.#slotsFree();
        else await this.#claimOrWait();
      } catch (error) {
        this.#tell('error', { error, during: 'claiming uploads' });
        await sleep(restAfterErrorMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** Uploads that end in the same turn share the claim that fills their slots. */
  async #slotsFree(): Promise<void> {
    await this.#slots.changed;
    await nextTurn();
  }

  #free(): number {
    return this.#paused || this.#stopping.signal.aborted ? 0 : this.#slots.free;
  }

  async #claimOrWait(): Promise<void> {
    const { asked, claimed, nextInMs } = await this.#claim();
    // A worker that is never idle has to notice the end of a pause too.
    if (claimed < asked || this.#hostWatch.isPaused) await this.#hostWatch.look();
    if (claimed === asked) return;
    await this.#wait(nextInMs);
  }

  async #claim(): Promise<ClaimCount> {
    const { store, host, leaseMs, workerId } = this.#options;
    const asked = this.#free();
    if (asked === 0) return { asked, claimed: 0, nextInMs: undefined };
    const claimedAt = performance.now();
    const { leases, ended, nextInMs } = await store.queue.claim({
      host: host.name,
      limit: asked,
      leaseMs,
      workerId,
      shortestTurn: this.#slots.shortestTurn,
      ...(host.budget === undefined ? {} : { budget: host.budget }),
    });
    this.#pace.claimed(performance.now() - claimedAt);
    for (const lease of leases) if (lease.jobStarted) this.#tellStarted(lease);
    await this.#slots.begin(leases, claimedAt);
    for (const upload of ended) this.#tellEnded(upload);
    return { asked, claimed: leases.length, nextInMs };
  }

  /** With the claim: the upload may be handed back without having been begun, and no other claim says so again. */
  #tellStarted({ jobId, metadata }: Lease): void {
    this.#tell('job:started', { jobId, ...(metadata === undefined ? {} : { metadata }) });
  }

  #tellEnded(ended: EndedUpload): void {
    const { jobId, index, url, attempt, failure } = ended;
    this.#tell('upload:failed', { jobId, index, url, attempt, failure });
    if (ended.jobFinished) this.#tell('job:finished', { jobId, job: ended.job });
  }

  /** A slot that comes free meanwhile is no reason to wake: there was nothing to put into it. */
  async #wait(nextInMs: number | undefined): Promise<void> {
    const { store, host, pollMs } = this.#options;
    await store.queue.wait({
      host: host.name,
      timeoutMs: Math.min(nextInMs ?? pollMs, pollMs),
      signal: this.#stopping.signal,
      ...(host.budget === undefined ? {} : { budget: host.budget }),
    });
  }

  async #drain(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    this.#slots.notify();
    const idle = this.#idle();
    if (!(await within(timeoutMs, idle))) {
      this.#held.abortAll(new WorkerStops());
      if (!(await within(handBackMs, idle))) this.#giveUp();
    }
    this.#progress.stop();
    if (!(await within(handBackMs, this.#pulse.stop())))
      this.#tell('error', {
        error: new Error('the store did not answer in time'),
        during: 'leaving the fleet',
      });
    this.#end.resolve();
  }

  async #idle(): Promise<void> {
    await this.#running;
    await this.#slots.idle();
  }

  /** The store is away, or a source or host does not obey its signal. The leases run out by themselves. */
  #giveUp(): void {
    this.#outbox.abandon();
    const error = new Error(`${this.#held.size} uploads could not be handed back in time`);
    this.#tell('error', { error, during: 'stopping' });
  }

  /** A newer process of the fleet may know commands that this one does not. */
  #obey(told: WorkerCommand): void {
    const command = checkCommand('all', told);
    if (command.type === 'pause') this.pause();
    else if (command.type === 'resume') this.resume();
    else if (command.type === 'resize') this.resize(command.slots);
    else void this.stop();
  }

  #state(): WorkerState {
    const { complete, failed, retried } = this.#slots.counts;
    const resting = this.#paused ? 'paused' : 'online';
    return {
      state: this.#stopping.signal.aborted ? 'draining' : resting,
      slots: this.#slots.count,
      complete,
      failed,
      retried,
    };
  }
}

/** Whether a thing happens in time. */
function within(timeoutMs: number, happens: Promise<void>): Promise<boolean> {
  return inTime(
    happens.then(() => true),
    timeoutMs,
    () => false,
  );
}
