import type { ProblemKind } from '../problem.ts';
import type { HeaderName } from './headers.ts';
import type { ParameterName } from './parameters.ts';
import type { SchemaName } from './schemas.ts';

/** What can be done with one path, by method in lower case. */
export type PathItem = Readonly<Partial<Record<'get' | 'head' | 'post' | 'delete', Operation>>>;

/** The paths of one area, as templates below the mount. */
export type Paths = Readonly<Record<`/${string}`, PathItem>>;

/** What one method of one path is for, what it takes and what it answers. */
export interface Operation {
  readonly operationId: string;
  readonly tags: readonly [TagName];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly ParameterName[];
  readonly body?: Body;
  /** By status: what is answered when all is well. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** What can go wrong, besides 405, 500 and being refused as someone who may not. */
  readonly problems: readonly ProblemKind[];
  /** Answered without asking `authorize`. */
  readonly open?: true;
}

/** The areas that operations belong to. */
export type TagName = 'jobs' | 'images' | 'queue' | 'service';

/** What a request may carry. */
export interface Body {
  readonly description: string;
  readonly required: boolean;
  readonly schema: SchemaName;
  readonly examples: Examples;
}

/** What one status means. */
export interface Answer {
  readonly description: string;
  readonly headers?: readonly HeaderName[];
  /** By media type; none: an answer without a body. */
  readonly content?: Readonly<Record<string, Content>>;
}

/** What a body of one media type is. */
export interface Content {
  /** One that has a name, or one that only this answer has. */
  readonly schema: SchemaName | Readonly<Record<string, unknown>>;
  readonly examples: Examples;
}

/** Whole bodies, by what they show. */
export type Examples = Readonly<Record<string, unknown>>;
