import type { Logger } from '@imgferry/core';
import type { ServiceConfig } from './config.ts';

/** What a role is run with. */
export interface Run {
  readonly config: ServiceConfig;
  readonly logger: Logger;
  /** Resolves with the signal that asks for the end. */
  readonly stopAsked: Promise<NodeJS.Signals>;
  /** Tells a person something. */
  readonly say: (text: string) => void;
}
