import { type ImgurStandIn, startImgurStandIn } from '@imgferry/core/testing';
import type { ServiceConfig } from './config.ts';
import { cannotListen } from './listen.ts';
import type { Run } from './run.ts';

/** The role `stand-in`: answers like Imgur's API on HOST and PORT, and keeps no image. @throws ConfigError */
export async function standIn({ config, logger, stopAsked, say }: Run): Promise<void> {
  const imgur = await start(config);
  logger.info({ url: imgur.url, role: 'stand-in' }, 'listening');
  say(`\nA stand-in for Imgur listens on ${imgur.url}. It keeps no image.\n\nCtrl-C stops it.\n\n`);
  const signal = await stopAsked;
  logger.info({ signal, images: imgur.requests.accepted }, 'stopping');
  await imgur.close();
}

async function start({ host, port }: ServiceConfig): Promise<ImgurStandIn> {
  try {
    return await startImgurStandIn({ hostname: host, port });
  } catch (error) {
    throw cannotListen(error, host, port);
  }
}
