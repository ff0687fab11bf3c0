import { contractOf } from './contract/contract-of.ts';
import { EventParser, type Heard } from './event-parser.ts';

/** A client of an event stream that reads only when it is told to, and takes only what the document has. */
export interface EventClient {
  readonly answer: Response;
  readonly parser: EventParser;
  /** Reads on until there are so many events, or one of this name, or the stream ends; answers all it has. */
  until(enough: number | string): Promise<readonly Heard[]>;
  /** Reads to the end. */
  all(): Promise<readonly Heard[]>;
  leave(): Promise<void>;
}

export function clientOf(answer: Response): EventClient {
  const parser = new EventParser();
  const reader = (answer.body ?? new Blob([]).stream()).getReader();
  const read = async (isEnough: () => boolean): Promise<readonly Heard[]> => {
    while (!isEnough()) {
      const { done, value } = await reader.read();
      if (done) break;
      const heard = parser.events.length;
      parser.push(value);
      for (const event of parser.events.slice(heard)) (await contractOf({})).checkEvent(event);
    }
    return parser.events;
  };
  return {
    answer,
    parser,
    until: (enough) =>
      read(() =>
        typeof enough === 'number'
          ? parser.events.length >= enough
          : parser.events.some(({ type }) => type === enough),
      ),
    all: () => read(() => false),
    leave: () => reader.cancel(),
  };
}

export const typesOf = (events: readonly Heard[]): string[] => events.map(({ type }) => type);
