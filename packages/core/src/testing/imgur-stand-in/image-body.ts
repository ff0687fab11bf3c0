import type { ReceivedImage } from './received-image.ts';

/** The body of a success, as far as Imgur's own images have it. */
export interface ImgurImageBody {
  readonly data: Readonly<Record<string, unknown>> & {
    readonly id: string;
    readonly link: string;
    readonly deletehash?: string;
  };
  readonly success: boolean;
  readonly status: number;
}

/** The reply to the upload of an image. */
export function imageBody(image: ReceivedImage): ImgurImageBody {
  const { data } = publicImageBody(image);
  return {
    data: { ...data, deletehash: image.deleteHash, name: image.fields.name ?? '' },
    success: true,
    status: 200,
  };
}

/** What anybody may know of an image: all but its deletehash and its name. */
export function publicImageBody(image: ReceivedImage): ImgurImageBody {
  const data = {
    id: image.id,
    title: image.fields.title ?? null,
    description: image.fields.description ?? null,
    datetime: Math.floor(image.at / 1000),
    type: image.type,
    animated: image.type === 'image/apng' || image.type === 'image/gif' || image.type.startsWith('video/'),
    width: image.width,
    height: image.height,
    size: image.bytes,
    views: 0,
    bandwidth: 0,
    vote: null,
    favorite: false,
    nsfw: null,
    section: null,
    account_url: null,
    account_id: 0,
    is_ad: false,
    in_most_viral: false,
    has_sound: false,
    tags: [],
    ad_type: 0,
    ad_url: '',
    in_gallery: false,
    link: image.link,
  };
  return { data, success: true, status: 200 };
}
