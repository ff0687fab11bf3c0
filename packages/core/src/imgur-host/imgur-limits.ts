import { InvalidOptionError } from '../errors.ts';
import type { HostLimits } from '../host.ts';
import { whole } from '../options.ts';

const mebibyte = 1024 * 1024;
const still = 20 * mebibyte;
const moving = 200 * mebibyte;

interface ImgurType {
  readonly maxBytes: number;
  /** Of the file name that Imgur is told. */
  readonly extension: string;
}

/** What Imgur documents that it takes, with the sizes of its help centre. */
const types: Readonly<Record<string, ImgurType>> = {
  'image/jpeg': { maxBytes: still, extension: 'jpg' },
  'image/png': { maxBytes: still, extension: 'png' },
  'image/apng': { maxBytes: still, extension: 'png' },
  'image/tiff': { maxBytes: still, extension: 'tiff' },
  'image/gif': { maxBytes: moving, extension: 'gif' },
  'video/mp4': { maxBytes: moving, extension: 'mp4' },
  'video/webm': { maxBytes: moving, extension: 'webm' },
  'video/x-matroska': { maxBytes: moving, extension: 'mkv' },
  'video/quicktime': { maxBytes: moving, extension: 'mov' },
  'video/x-flv': { maxBytes: moving, extension: 'flv' },
  'video/x-msvideo': { maxBytes: moving, extension: 'avi' },
  'video/x-ms-wmv': { maxBytes: moving, extension: 'wmv' },
  'video/mpeg': { maxBytes: moving, extension: 'mpeg' },
};

/** The limits of Imgur, with sizes that the application knows better. */
export function imgurLimits(overrides: Readonly<Record<string, number>> = {}): HostLimits {
  const maxBytes = Object.fromEntries(Object.entries(types).map(([type, entry]) => [type, entry.maxBytes]));
  for (const [type, bytes] of Object.entries(overrides)) {
    if (!Object.hasOwn(types, type))
      throw new InvalidOptionError('maxBytes', `names ${type}, which Imgur does not take`);
    maxBytes[type] = whole(`maxBytes of ${type}`, bytes, 1, Number.MAX_SAFE_INTEGER);
  }
  return { maxBytes };
}

/** The name an image is sent under: never its source's, which would be a stranger's text in a header. */
export function imgurFileName(type: string): string {
  return `image.${types[type]?.extension ?? 'bin'}`;
}

/** Imgur has an address for images and one for videos; a GIF is an image. */
export function imgurUploadPath(type: string): string {
  return type.startsWith('video/') ? '/3/upload' : '/3/image';
}
