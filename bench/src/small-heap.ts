/**
 * A flag for what measures memory: each half of the young generation in MB at most. V8 lets them grow to 64 by itself where
 * there is much memory, and wins nothing by it here.
 */
export const smallHeap = '--max-semi-space-size=16';
