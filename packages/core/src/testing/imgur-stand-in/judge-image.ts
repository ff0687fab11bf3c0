import { imgurReplies } from './imgur-replies.ts';
import type { ImgurReply } from './imgur-reply.ts';
import type { ResolvedStandInOptions } from './stand-in-options.ts';

/** The types that Imgur takes, and the extension that a link to one has. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/apng': 'png',
  'image/gif': 'gif',
  'image/tiff': 'tiff',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'video/x-matroska': 'mkv',
  'video/quicktime': 'mov',
  'video/x-flv': 'flv',
  'video/x-msvideo': 'avi',
  'video/x-ms-wmv': 'wmv',
  'video/mpeg': 'mpeg',
};

/** What is decided of an image by its type and size. */
export type ImageVerdict =
  | { readonly status: 'taken'; readonly type: string; readonly extension: string }
  | { readonly status: 'refused'; readonly reply: ImgurReply };

export function judgeImage(
  type: string | undefined,
  bytes: number,
  { maxStillBytes, maxMovingBytes }: Pick<ResolvedStandInOptions, 'maxStillBytes' | 'maxMovingBytes'>,
): ImageVerdict {
  const extension = type === undefined ? undefined : EXTENSIONS[type];
  if (type === undefined || extension === undefined) {
    return { status: 'refused', reply: imgurReplies.fileTypeInvalid() };
  }
  const moves = type === 'image/gif' || type.startsWith('video/');
  if (bytes > (moves ? maxMovingBytes : maxStillBytes)) {
    return { status: 'refused', reply: imgurReplies.overSizeLimit() };
  }
  return { status: 'taken', type, extension };
}
