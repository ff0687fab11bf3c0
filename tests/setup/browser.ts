import type { TestProject } from 'vitest/node';

import { chromiumBinary } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Chromium that tests start. */
    chromium: string;
  }
}

/** Finds the tests a Chromium, or installs one, before any of them runs. */
export default function setup(project: TestProject): void {
  project.provide('chromium', chromiumBinary());
}
