import type { FailureCode } from '@imgferry/core';
import type { LocalWeb } from './local-web.ts';

/** One URL of the demo and how its upload should end. */
export interface Errand {
  readonly name: string;
  readonly url: string;
  readonly expected: { readonly status: 'complete'; readonly sha256: string } | ExpectedFailure;
}

interface ExpectedFailure {
  readonly status: 'failed';
  readonly code: FailureCode;
}

/** Every picture of the local web, and three URLs that fail, each for its own reason. */
export function planErrands(web: LocalWeb): Errand[] {
  const pictures = web.pictures.map(
    ({ name, url, sha256 }): Errand => ({ name, url, expected: { status: 'complete', sha256 } }),
  );
  const failing = (name: string, url: string, code: FailureCode): Errand => ({
    name,
    url,
    expected: { status: 'failed', code },
  });
  return [
    ...pictures,
    failing('a picture that is gone', web.missingUrl, 'source_status'),
    failing('a page, not a picture', web.pageUrl, 'not_an_image'),
    failing('an inside address', 'http://169.254.169.254/latest/meta-data/', 'blocked_address'),
  ];
}
