// #region transform
import sharp from 'sharp';

import type { ImageTransform } from '@imgferry/core';

const mebibyte = 1024 * 1024;

// An image may be a stranger's, so no other decoder of libvips is ever given a byte of it.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadWebpBuffer', 'VipsForeignLoadHeifBuffer'] });
// The uploader's slots already run side by side, and no image comes twice.
sharp.concurrency(1);
sharp.cache(false);

/** Makes GIFs of animations, PNGs of what is transparent, JPEGs of the rest. */
export const convertWithSharp: ImageTransform = {
  maxBytes: { 'image/webp': 20 * mebibyte, 'image/avif': 20 * mebibyte },

  async transform({ bytes, type }, { signal }) {
    const image = sharp(bytes, {
      limitInputPixels: 50_000_000,
      animated: type === 'image/webp',
      // What EXIF says of it is lost with the rest of the metadata, which may say where it was taken.
      autoOrient: true,
    });
    const { pages = 1, hasAlpha } = await image.metadata();
    signal.throwIfAborted();
    const format = pages > 1 ? 'gif' : hasAlpha ? 'png' : 'jpeg';
    const { data, info } = await image
      .toFormat(format, format === 'jpeg' ? { quality: 90 } : {})
      .timeout({ seconds: 30 })
      .toBuffer({ resolveWithObject: true });
    return { type: `image/${format}`, body: data, width: info.width, height: info.pageHeight ?? info.height };
  },
};
// #endregion transform
