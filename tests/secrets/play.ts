import { ferryWithCarelessParts } from './extensions.ts';
import { ferryFromBadSources, ferryToABadHost, ferryToAnEcho, renewTokens } from './ferries.ts';
import { lookAround, lookAtObjects } from './looks.ts';
import { beRefused, loseRedis } from './lost-redis.ts';
import type { Scene } from './scene.ts';
import { poison, stopInTheMiddle } from './workers.ts';

/** Lets everything go wrong that can, one act after the other. */
export async function play(scene: Scene): Promise<void> {
  await ferryFromBadSources(scene);
  await ferryToABadHost(scene);
  await ferryToAnEcho(scene);
  await renewTokens(scene);
  await ferryWithCarelessParts(scene);
  await poison(scene);
  await stopInTheMiddle(scene);
  await lookAtObjects(scene);
  await lookAround(scene);
  await beRefused(scene);
  await loseRedis(scene);
}
