import type { Fields } from './imgur-answer.ts';

const hosts: readonly string[] = ['i.imgur.com', 'imgur.com'];

/**
 * Finds the link in the data of an image: always https, always on Imgur's own domain, else `undefined`.
 * Imgur has answered with http links of its own, which it serves by https: those are corrected. While a GIF or video
 * is still processed its link is empty; it will be at its id, which is then used.
 */
export function imgurLink(data: Fields): string | undefined {
  const { link } = data;
  if (typeof link !== 'string' || link === '') return linkToBe(data);
  return isPlainLink(link) ? link : ownLink(link);
}

/** As Imgur names nearly all of them: nothing in it could be read in two ways, and no secret is as short. */
export function isPlainLink(link: string): boolean {
  return plainLink.test(link);
}

const plainLink = /^https:\/\/i\.imgur\.com\/(?!removed\.)[A-Za-z0-9]{5,7}\.[a-z0-9]{3,4}$/;

function ownLink(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !['https:', 'http:'].includes(url.protocol) || !hosts.includes(url.hostname))
    return undefined;
  if (url.port !== '' || url.username !== '' || url.password !== '') return undefined;
  const namesAnImage = /^\/[A-Za-z0-9]/.test(url.pathname) && url.pathname !== '/removed.png';
  return namesAnImage ? `https://${url.hostname}${url.pathname}${url.search}` : undefined;
}

function linkToBe({ id, type }: Fields): string | undefined {
  if (typeof id !== 'string' || !/^[A-Za-z0-9]{5,10}$/.test(id) || typeof type !== 'string') return undefined;
  if (type === 'image/gif') return `https://i.imgur.com/${id}.gif`;
  return type.startsWith('video/') ? `https://i.imgur.com/${id}.mp4` : undefined;
}
