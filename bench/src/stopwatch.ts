/** What something took of the clock on the wall, and of the CPU by this process. */
export interface Taken {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Starts to measure; calling what it answers tells what has been taken since. */
export function startStopwatch(): () => Taken {
  const cpu = process.cpuUsage();
  const started = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { seconds: (performance.now() - started) / 1e3, cpuSeconds: (user + system) / 1e6 };
  };
}

/** The clock that all processes of a machine have in common (CLOCK_MONOTONIC where there is one), in milliseconds. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
