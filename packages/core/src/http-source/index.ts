/**
 * Reads images from the public web, and only from there: http and https, guarded addresses, bounded in time and bytes.
 * @module @imgferry/core/http-source
 */

export type { Resolve } from './addresses/guarded-lookup.ts';
export { createHttpSource, type HttpSource } from './http-source.ts';
export type { HttpSourceOptions } from './http-source-options.ts';
