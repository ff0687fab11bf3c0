import type { ImgurLimits } from '@imgferry/core/testing';
import type { StandInLimits } from './config.ts';

/** What a stand-in is told of its limits. Those of Imgur are its own default. */
export function limitsOf(limits: StandInLimits): ImgurLimits {
  return limits === 'none' ? { client: false, user: false, post: false } : {};
}
