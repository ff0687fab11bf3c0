import { readFileSync } from 'node:fs';

/**
 * The most memory that this process has ever had resident. What Linux answers to `getrusage` begins with the peak of the
 * process that has started this one; what /proc tells does not.
 */
export function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}
