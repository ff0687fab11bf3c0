import type { Host } from '@imgferry/core';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { type ImgurStandIn, startImgurStandIn } from '@imgferry/core/testing';
import type { ServiceConfig } from './config.ts';
import { limitsOf } from './stand-in-limits.ts';

/** Imgur, or what stands in for it. */
export interface OpenedImgur {
  readonly host: Host;
  /** `undefined` when images go to Imgur itself, or to wherever IMGUR_API_URL leads. */
  readonly standIn: ImgurStandIn | undefined;
  close(): Promise<void>;
}

/** Opens Imgur with the credentials given; without any, starts a stand-in on the loopback address and opens that. */
export async function openImgur({
  imgur,
  standInLimits,
}: Pick<ServiceConfig, 'imgur' | 'standInLimits'>): Promise<OpenedImgur> {
  if (imgur !== undefined) {
    const host = createImgurHost(imgur);
    return { host, standIn: undefined, close: () => host.close() };
  }
  const standIn = await startImgurStandIn({ limits: limitsOf(standInLimits) });
  const host = createImgurHost({ apiUrl: standIn.url, clientId: 'stand-in' });
  const close = async (): Promise<void> => {
    await host.close();
    await standIn.close();
  };
  return { host, standIn, close };
}
