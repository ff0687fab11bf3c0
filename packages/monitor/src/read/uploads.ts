import type { PageOptions, Upload, UploadStatus } from '@imgferry/core';
import type { Look } from '../call.ts';
import { Query } from '../query.ts';
import type { Shown } from '../shown.ts';
import type { UploadsView, UploadView } from '../views/index.ts';
import { noSuchJob } from './jobs.ts';

/** How many are on a page that does not say. */
export const defaultLimit = 100;

/** A page of a job's uploads, in the order of the request. */
export async function readUploads({ uploader, shown, name, query }: Look): Promise<UploadsView> {
  const page = await uploader.uploads(name, askedUploads(query));
  if (page === undefined) throw noSuchJob();
  return { uploads: page.items.map((upload) => uploadView(upload, shown)), next: page.next ?? null };
}

/** Which uploads a query asks for. @throws Problem */
export function askedUploads(query: URLSearchParams): PageOptions & { readonly status?: UploadStatus } {
  const asked = new Query(query, ['status', 'limit', 'cursor']);
  const status = asked.read('status', 'uploadStatus');
  const cursor = asked.read('cursor', 'cursor');
  return {
    limit: asked.read('limit', 'limit') ?? defaultLimit,
    ...(status === undefined ? {} : { status }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function uploadView(upload: Upload, shown: Shown): UploadView {
  const { url, link, failure, type } = upload;
  return {
    index: upload.index,
    url: shown.url(url),
    status: upload.status,
    link: link === null ? null : shown.link(link),
    failure:
      failure === null ? null : { code: shown.word(failure.code), message: shown.text(failure.message) },
    attempts: upload.attempts,
    bytes: upload.bytes,
    type: type === null ? null : shown.text(type),
    width: upload.width,
    height: upload.height,
    possiblyDuplicated: upload.possiblyDuplicated,
    reused: upload.reused,
    paused: upload.paused,
    startedAt: upload.startedAt,
    finishedAt: upload.finishedAt,
  };
}
