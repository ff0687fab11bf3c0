import { silentLogger, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';

/** What the snippets take for the uploader of the application. */
export const uploader: Uploader = new Uploader({
  store: new MemoryStore(),
  source: createFakeSource(),
  host: createFakeHost(),
  logger: silentLogger,
});
