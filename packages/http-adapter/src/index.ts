/**
 * The HTTP endpoints of an uploader: once as a web handler, and with a bridge for Node's servers.
 * @module @imgferry/http-adapter
 */
export type {
  EventData,
  EventFailure,
  EventName,
  JobChange,
  JobFacts,
  UploadChange,
} from './event-views.ts';
export type { ConnectedHandler, FetchHandler } from './fetch-bridge.ts';
export { createFetchHandler } from './fetch-handler.ts';
export type { JobView } from './job-view.ts';
export { type Next, type NodeHandler, type NodeHandlerOptions, toNodeHandler } from './node-bridge.ts';
export type { NodeRequest } from './node-request.ts';
export type { ConnectionFacts, CorsOptions, FetchHandlerOptions } from './options.ts';
export type { ServedUploader } from './served-uploader.ts';
