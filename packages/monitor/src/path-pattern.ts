import { hostNamePattern } from '@imgferry/core';
import { isJobId } from './read/jobs.ts';

/** What a path may name, in braces: one whole part of it, and what can be such a name. The store is asked for no other. */
const names = {
  jobId: isJobId,
  workerId: (id: string): boolean => /^[\w.:@-]{1,128}$/.test(id),
  host: (name: string): boolean => hostNamePattern.test(name),
} as const;

/** Makes a test of paths: the name in one that fits, decoded, or an empty one; `undefined` when it does not fit. */
export function pathPattern(template: string): (path: string) => string | undefined {
  const [, kind] = /\{(\w+)\}/.exec(template) ?? [];
  const pattern = new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/, '([^/]+)')}$`);
  return (path) => {
    const match = pattern.exec(path);
    if (match === null) return undefined;
    if (kind === undefined) return '';
    const name = decoded(match[1] ?? '');
    return name !== undefined && names[kind as keyof typeof names](name) ? name : undefined;
  };
}

function decoded(sent: string): string | undefined {
  try {
    return decodeURIComponent(sent);
  } catch {
    return undefined;
  }
}
