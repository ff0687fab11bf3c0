/**
 * Watch and steer an uploader or a whole fleet: a live web page, its JSON API, and metrics for Prometheus.
 * @module @imgferry/monitor
 */
export type {
  AnonymousAccess,
  Authorization,
  AuthorizeAccess,
  LoopbackAccess,
  MonitorAccess,
  UsersAccess,
} from './access/access.ts';
export type { MonitorUser } from './access/users.ts';
export type { Role, Visitor } from './access/visitor.ts';
export type { Connection } from './client.ts';
export { createMonitor, type Monitor } from './monitor.ts';
export type { MonitoredUploader } from './monitored-uploader.ts';
export type { MonitorOptions } from './options.ts';
export type { ProblemEntry, ProblemView } from './problem.ts';
export type * from './views/index.ts';
