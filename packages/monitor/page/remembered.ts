/** What a browser keeps for this page. Where it may not keep anything, nothing is remembered. */
const PREFIX = 'imgferry-monitor-';

export function remembered(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // A browser that keeps nothing is asked again the next time.
  }
}
