import { imagesTarget } from './images-target.ts';
import { repliesTarget } from './replies-target.ts';
import { submitsTarget } from './submits-target.ts';
import type { Target } from './target.ts';

/** Everything that reads strangers' bytes. */
export const targets: readonly Target[] = [imagesTarget, repliesTarget, submitsTarget];
