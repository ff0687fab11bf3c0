import { TransferError } from '../transfer-error.ts';
import type { BusyRoutes } from './busy-routes.ts';
import type { HostTurns } from './host-turns.ts';
import type { Turn } from './source-host.ts';
import type { Target } from './target.ts';

/** What all routes share. */
export interface Routes {
  readonly turns: HostTurns;
  readonly busyRoutes: BusyRoutes;
}

/** The turns of one image on its way: at its host, and at each that a redirect leads to. */
export class RouteTurns {
  readonly #turns: HostTurns;
  readonly #busyRoutes: BusyRoutes;
  /** What the image is known by: where it was first asked for. */
  #start: Target | undefined;
  /** Taken before the first host is asked, because this URL found none there. */
  readonly #ahead = new Map<string, Turn>();
  /** At the host that is being asked, until its last answer has begun. */
  #turn: Turn | undefined;

  constructor({ turns, busyRoutes }: Routes) {
    this.#turns = turns;
    this.#busyRoutes = busyRoutes;
  }

  /** Whether a hop stays at its host. Then it goes on with the same turn, when nothing is read of the last one any more. */
  staysAt({ host }: Target): boolean {
    return this.#turn?.host === host;
  }

  /**
   * For the next hop.
   * @throws TransferError
   */
  next(target: Target): Turn {
    const last = this.#turn;
    if (last?.host === target.host) {
      last.renew(target);
      return last;
    }
    this.#turn = last === undefined ? this.#first(target) : this.#further(target);
    last?.end();
    return this.#turn;
  }

  /** It has led to an answer. */
  arrived(): void {
    if (this.#start !== undefined) this.#busyRoutes.forget(this.#start);
  }

  end(): void {
    this.#turn?.end();
    for (const turn of this.#ahead.values()) turn.end();
    this.#ahead.clear();
  }

  #first(target: Target): Turn {
    this.#start = target;
    for (const busy of this.#busyRoutes.of(target)) this.#ahead.set(busy.host, this.#turns.take(busy));
    return this.#take(target);
  }

  #further(target: Target): Turn {
    try {
      return this.#take(target);
    } catch (error) {
      if (!(error instanceof TransferError) || error.code !== 'source_busy') throw error;
      throw this.#busyRoutes.met(this.#start ?? target, target, error);
    }
  }

  #take(target: Target): Turn {
    const ahead = this.#ahead.get(target.host);
    this.#ahead.delete(target.host);
    return ahead ?? this.#turns.take(target);
  }
}
