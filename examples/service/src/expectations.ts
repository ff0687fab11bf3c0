import type { Upload } from '@imgferry/core';
import type { Errand } from './errands.ts';

/** One sentence for each upload that did not end as it should, in the order of the errands. */
export function differences(errands: readonly Errand[], uploads: readonly Upload[]): string[] {
  return errands.flatMap((errand, index) => {
    const was = outcomeOf(uploads[index]);
    const wanted = errand.expected.status === 'complete' ? 'complete' : `failed with ${errand.expected.code}`;
    return was === wanted ? [] : [`${errand.name} is ${was}; it should be ${wanted}.`];
  });
}

/** One sentence for each picture that the host did not receive as it is, and one if it received anything else. */
export function byteDifferences(errands: readonly Errand[], receivedSha256: readonly string[]): string[] {
  const left = [...receivedSha256];
  const missing = errands.filter(({ expected }) => {
    const found = expected.status === 'complete' ? left.indexOf(expected.sha256) : undefined;
    if (found !== undefined && found >= 0) left.splice(found, 1);
    return found === -1;
  });
  const sentences = missing.map(({ name }) => `${name} did not arrive at the host byte for byte.`);
  return left.length === 0
    ? sentences
    : [...sentences, `The host holds ${left.length} images that it should not.`];
}

function outcomeOf(upload: Upload | undefined): string {
  if (upload === undefined) return 'unknown';
  return upload.status === 'failed' ? `failed with ${upload.failure?.code}` : upload.status;
}
