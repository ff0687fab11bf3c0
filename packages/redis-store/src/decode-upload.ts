import type { FailureCode, Upload, UploadStatus } from '@imgferry/core';

/** An upload as the step `uploads` answers it. */
export type UploadAnswer = readonly [
  index: number,
  url: string,
  status: UploadStatus,
  link: string | null,
  code: FailureCode | null,
  message: string | null,
  attempts: number,
  bytes: number | null,
  type: string | null,
  width: number | null,
  height: number | null,
  possiblyDuplicated: number,
  reused: number,
  paused: number,
  startedAt: number,
  finishedAt: number,
];

/** An upload that a step has answered. */
export function decodeUpload(jobId: string, answer: UploadAnswer): Upload {
  const [index, url, status, link, code, message, attempts, bytes, type, width, height, ...rest] = answer;
  const [possiblyDuplicated, reused, paused, startedAt, finishedAt] = rest;
  return {
    jobId,
    index,
    url,
    status,
    link,
    failure: code === null ? null : { code, message: message ?? '' },
    attempts,
    bytes,
    type,
    width,
    height,
    possiblyDuplicated: possiblyDuplicated === 1,
    reused: reused === 1,
    paused: paused === 1,
    startedAt: startedAt === 0 ? null : startedAt,
    finishedAt: finishedAt === 0 ? null : finishedAt,
  };
}
