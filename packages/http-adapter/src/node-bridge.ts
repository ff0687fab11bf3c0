import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { checkOptionNames, type Logger, redactError, safeLogger } from '@imgferry/core';
import { answererOf, type ConnectedHandler } from './fetch-bridge.ts';
import { httpRequestOf, type NodeRequest } from './node-request.ts';
import { isOurs, problemAnswer, problemOf } from './problem.ts';
import { sendAnswer } from './send-answer.ts';

/** Says that somebody else may answer, or what went wrong. */
export type Next = (error?: unknown) => void;

/** A handler for Node's servers and everything built on them. */
export type NodeHandler = (incoming: NodeRequest, outgoing: ServerResponse, next?: Next) => void;

/** Settings of a {@link NodeHandler}. */
export interface NodeHandlerOptions {
  /** Takes a line when the handler throws and there is no `next` to tell. @default warnings and errors to the console */
  readonly logger?: Logger;
}

/**
 * Makes a web handler one for Node's servers. It can be mounted before a body parser, or after one that leaves what it
 * read in `body` of the request. A path without an endpoint is handed to `next`, where there is one.
 *
 * Handlers that wrap one of `createFetchHandler` work too, and others, at the price of a `Request` and a `Response` each
 * time. They are told of the connection as the second argument.
 * @throws InvalidOptionError
 */
export function toNodeHandler(handler: ConnectedHandler, options: NodeHandlerOptions = {}): NodeHandler {
  checkOptionNames(options, { logger: true });
  const bridge = new NodeBridge(handler, safeLogger(options.logger));
  return (incoming, outgoing, next) => void bridge.handle(incoming, outgoing, next);
}

class NodeBridge {
  readonly #answer: ReturnType<typeof answererOf>;
  readonly #logger: Logger;

  constructor(handler: ConnectedHandler, logger: Logger) {
    this.#answer = answererOf(handler);
    this.#logger = logger;
  }

  async handle(incoming: NodeRequest, outgoing: ServerResponse, next: Next | undefined): Promise<void> {
    try {
      if (outgoing.socket === null) await turnOf(incoming, outgoing);
      const answer = await this.#answer(httpRequestOf(incoming, outgoing));
      if (answer.unrouted && next !== undefined) next();
      else await sendAnswer(answer, incoming, outgoing);
    } catch (error) {
      await this.#fail(error, incoming, outgoing, next);
    }
  }

  /** An answer that has begun can only be broken off; whoever wrote it knows why. */
  async #fail(
    error: unknown,
    incoming: NodeRequest,
    outgoing: ServerResponse,
    next: Next | undefined,
  ): Promise<void> {
    if (outgoing.headersSent) return void outgoing.destroy();
    const problem = problemOf(error);
    if (isOurs(problem) && next !== undefined) return next(error);
    if (isOurs(problem)) this.#logger.error({ err: redactError(error) }, 'a request could not be answered');
    await sendAnswer(problemAnswer(problem), incoming, outgoing);
  }
}

/** More requests than this can wait on one connection for those before them. No client pipelines so many. */
const mostWaiting = 100;
const waitingOn = new WeakMap<Socket, number>();

/**
 * Answers to pipelined requests leave in order, so nothing is done for one before its turn: thousands of requests on
 * one connection would otherwise fill the memory with answers that nobody reads. Behind an answer that does not end,
 * such as a stream of events, the requests themselves would; a connection of too many is closed. Who is gone has no turn.
 */
function turnOf({ socket }: NodeRequest, outgoing: ServerResponse): Promise<unknown> {
  const waiting = (waitingOn.get(socket) ?? 0) + 1;
  waitingOn.set(socket, waiting);
  if (waiting > mostWaiting) socket.destroy();
  return new Promise((resolve) => {
    outgoing.once('socket', () => {
      waitingOn.set(socket, (waitingOn.get(socket) ?? 1) - 1);
      resolve(undefined);
    });
  });
}
