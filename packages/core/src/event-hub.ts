import { EventEmitter } from 'eventemitter3';

import type { UploaderEventName, UploaderEvents } from './events.ts';
import type { Logger } from './logger.ts';
import { redactError } from './redact-error.ts';

/** Hears one event. What it returns is ignored, but a promise that rejects becomes an `error` event. */
export type Listener<Name extends UploaderEventName> = (event: UploaderEvents[Name]) => unknown;

/** How the parts of an uploader tell what happened. */
export type Tell = <Name extends UploaderEventName>(name: Name, event: UploaderEvents[Name]) => void;

/**
 * Tells events to listeners, and keeps listeners from harming the work: one that throws or rejects becomes an `error`
 * event, the others still hear, and an `error` that nobody listens to is logged.
 */
export class EventHub {
  readonly #emitter = new EventEmitter();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on<Name extends UploaderEventName>(name: Name, listener: Listener<Name>): () => void {
    const guarded = this.#guard(name, listener);
    this.#emitter.on(name, guarded);
    return () => void this.#emitter.off(name, guarded);
  }

  once<Name extends UploaderEventName>(name: Name, listener: Listener<Name>): () => void {
    const guarded = this.#guard(name, listener);
    this.#emitter.once(name, guarded);
    return () => void this.#emitter.off(name, guarded);
  }

  readonly tell: Tell = (name, event) => {
    const heard = this.#emitter.emit(name, event);
    if (!heard && name === 'error') this.#log(event as UploaderEvents['error']);
  };

  #guard<Name extends UploaderEventName>(name: Name, listener: Listener<Name>) {
    const complain = (error: unknown): void => {
      const during = `a listener of ${name}`;
      // A listener of `error` that fails must not be told of its own failure, for ever.
      if (name === 'error') this.#log({ error, during });
      else this.tell('error', { error, during });
    };
    return (event: UploaderEvents[Name]): void => {
      try {
        Promise.resolve(listener(event)).catch(complain);
      } catch (error) {
        complain(error);
      }
    };
  }

  #log({ error, during }: UploaderEvents['error']): void {
    this.#logger.error({ err: redactError(error) }, `error during ${during}`);
  }
}
