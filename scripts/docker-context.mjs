// What a .dockerignore lets through, as Docker reads it.
import { cpSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * Reads the patterns of a .dockerignore. Answers whether a path, relative to the root and with slashes, is left out:
 * the last pattern that fits it, or a folder above it, decides.
 */
export function readDockerIgnore(text) {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ leavesOut: !line.startsWith('!'), pattern: toRegExp(line.replace(/^!/, '')) }));
  return (path) => rules.findLast(({ pattern }) => pattern.test(path))?.leavesOut ?? false;
}

/** `**` and a slash is any number of folders; `*` and `?` stay within a name. What is below a folder that fits, fits. */
function toRegExp(pattern) {
  const source = pattern
    .replace(/^\/|\/$/g, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*|\?/g, (wild) => ({ '**/': '(?:.*/)?', '*': '[^/]*', '?': '[^/]' })[wild]);
  return new RegExp(`^${source}(?:/|$)`);
}

/** Copies a path of the context to a folder, without what is left out. */
export function copyFromContext(root, path, destination, leavesOut) {
  cpSync(join(root, path), destination, {
    recursive: true,
    filter: (source) => {
      const name = relative(root, source).split(sep).join('/');
      // A folder that is left out is not walked: an exception below one is not copied, which none of ours needs.
      return name === '' || !leavesOut(name);
    },
  });
}
