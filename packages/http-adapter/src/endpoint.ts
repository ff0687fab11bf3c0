import type { EventStreams } from './event-streams.ts';
import type { HttpAnswer, HttpRequest } from './http-exchange.ts';
import type { ResolvedOptions } from './options.ts';
import type { ServedUploader } from './served-uploader.ts';

/** What an endpoint is given. */
export interface EndpointCall {
  readonly request: HttpRequest;
  /** A UUID where the path names a job, and empty elsewhere. */
  readonly jobId: string;
  /** Where the path names a host: what it names, as it was sent. Empty elsewhere. */
  readonly host: string;
  readonly uploader: ServedUploader;
  readonly options: ResolvedOptions;
  /** The event streams that are open. */
  readonly streams: EventStreams;
}

/** Answers one method of one path. What it throws becomes a problem. */
export type Endpoint = (call: EndpointCall) => Promise<HttpAnswer>;
