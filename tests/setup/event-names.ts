import type { UploaderEventName } from '@imgferry/core';

/** The compiler misses an event that is not here. */
const names: Readonly<Record<UploaderEventName, true>> = {
  'job:created': true,
  'job:started': true,
  'job:finished': true,
  'job:retried': true,
  'job:paused': true,
  'job:resumed': true,
  'upload:started': true,
  'upload:progressed': true,
  'upload:retried': true,
  'upload:completed': true,
  'upload:failed': true,
  'upload:lost': true,
  'host:paused': true,
  'host:resumed': true,
  'queue:paused': true,
  'queue:resumed': true,
  error: true,
};

/** Every event that an uploader tells. */
export const eventNames = Object.keys(names) as readonly UploaderEventName[];
