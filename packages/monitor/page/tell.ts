/** Calls each. Some may come or go while they are called. */
export function tell(listeners: ReadonlySet<() => void> | undefined): void {
  for (const listener of [...(listeners ?? [])]) listener();
}
