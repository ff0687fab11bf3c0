import type { Logger } from '@imgferry/core';
import { type ImgurStandIn, type ReceivedImage, startImgurStandIn } from '@imgferry/core/testing';
import type { ServiceConfig } from './config.ts';
import { cannotListen } from './listen.ts';
import type { Run } from './run.ts';
import { limitsOf } from './stand-in-limits.ts';

/** The role `stand-in`: answers like Imgur's API on HOST and PORT, and keeps no image. @throws ConfigError */
export async function standIn({ config, logger, stopAsked, say }: Run): Promise<void> {
  const imgur = await start(config);
  const logged = config.logLevel === 'debug' ? logImages(imgur, logger) : undefined;
  logger.info({ url: imgur.url, role: 'stand-in', limits: config.standInLimits }, 'listening');
  say(`\nA stand-in for Imgur listens on ${imgur.url}. It keeps no image.\n\nCtrl-C stops it.\n\n`);
  const signal = await stopAsked;
  const { accepted, deleted } = imgur.requests;
  logger.info({ signal, images: accepted, deleted }, 'stopping');
  await imgur.close();
  await logged;
}

async function start({ host, port, standInLimits }: ServiceConfig): Promise<ImgurStandIn> {
  try {
    return await startImgurStandIn({ hostname: host, port, limits: limitsOf(standInLimits) });
  } catch (error) {
    throw cannotListen(error, host, port);
  }
}

/** Logs every image as it comes, until the stand-in is closed. */
async function logImages(imgur: ImgurStandIn, logger: Logger): Promise<void> {
  for (let logged = 0; await hasMoreThan(logged, imgur); ) {
    const { accepted } = imgur.requests;
    for (const image of imgur.images.slice(logged - accepted))
      logger.debug(described(image), 'an image came');
    logged = accepted;
  }
}

/** Resolves with true once it does, and with false when the stand-in was closed. */
function hasMoreThan(images: number, imgur: ImgurStandIn): Promise<boolean> {
  return imgur
    .waitUntil(({ accepted }) => accepted > images)
    .then(
      () => true,
      () => false,
    );
}

function described({ id, link, bytes, type, sha256 }: ReceivedImage): object {
  return { id, link, bytes, type, sha256 };
}
