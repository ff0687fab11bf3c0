import type { JobOptions } from '../job.ts';

/**
 * Whether a sign stands in what a reply says and the job did not put it there. A reply may repeat a title, a description
 * or an album, wholly or in part, and strangers may have written those: what they say must not steer the host.
 */
export function saysItself(message: string, sign: RegExp, job: JobOptions): boolean {
  return sign.test(message) && !ownTexts(job).some((text) => sign.test(text));
}

/** As they are, and as they may look when they are repeated: on one line, without marks. */
function ownTexts({ title, description, album }: JobOptions): readonly string[] {
  return [title, description, album]
    .filter((text) => text !== undefined)
    .flatMap((text) => [text, text.replace(/[^\p{L}\p{N}]+/gu, ' ')]);
}
