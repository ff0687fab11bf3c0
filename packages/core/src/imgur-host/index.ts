/**
 * Imgur as a host: one request per image, every reply read into a link or into what is to be done, its rate limits
 * told to the whole fleet.
 * @module @imgferry/core/imgur-host
 */
export { createImgurHost, type ImgurHost } from './imgur-host.ts';
export type { ImgurHostOptions } from './imgur-host-options.ts';
export type { ImgurTokenStore, ImgurTokens } from './imgur-tokens.ts';
