export function readDockerIgnore(text: string): (path: string) => boolean;
export function copyFromContext(
  root: string,
  path: string,
  destination: string,
  leavesOut: (path: string) => boolean,
): void;
