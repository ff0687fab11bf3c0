/**
 * Watch and steer an uploader or a whole fleet: a live web page, its JSON API, and metrics for Prometheus.
 * @module @imgferry/monitor
 */
export type * from './views/index.ts';
