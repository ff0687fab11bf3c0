/** What a job keeps of an upload that did not make it: a stable code for programs, a sentence for people. */
export interface Failure {
  /** Stable across releases; see {@link failureCodes}. */
  readonly code: FailureCode;
  /** One sentence that names the fact. Never a secret, an inside address or more than 200 characters of a stranger's text. */
  readonly message: string;
}

/**
 * What is done about a failure:
 * `never` ends the upload at once; `once` tries one more time within the attempt, then ends it; `soon` tries again
 * within the attempt (seconds), unless the try was a long one, then in a later attempt;
 * `later` goes straight to a later attempt; `wait` goes back to the queue until the host or the source may be asked,
 * without counting the attempt; `again` tries again within the attempt, which does not count either, said of a reply that
 * has been taken care of; `end` is said of outcomes that no transfer causes.
 */
export type RetryRule = 'never' | 'once' | 'soon' | 'later' | 'wait' | 'again' | 'end';

/** One row of {@link failureCodes}. */
export interface FailureCodeEntry {
  readonly retry: RetryRule;
  readonly meaning: string;
  readonly remedy: string;
}

/** The code of a {@link Failure}. Codes are added in minor releases; none changes its meaning. */
export type FailureCode =
  | 'blocked_address'
  | 'invalid_host'
  | 'host_not_found'
  | 'source_unreachable'
  | 'source_timeout'
  | 'source_unavailable'
  | 'source_busy'
  | 'source_status'
  | 'source_tls'
  | 'source_removed'
  | 'bad_redirect'
  | 'bad_response'
  | 'encoded_body'
  | 'empty_body'
  | 'truncated'
  | 'not_an_image'
  | 'unsupported_type'
  | 'too_large'
  | 'dimensions'
  | 'transform_failed'
  | 'host_rejected'
  | 'host_unavailable'
  | 'host_overloaded'
  | 'host_reply_lost'
  | 'host_bad_reply'
  | 'host_rate_limited'
  | 'host_credentials'
  | 'host_blocked'
  | 'cancelled'
  | 'poison'
  | 'internal_error';

/** Every failure code: what it means, what is done about it, what a user can do. */
export const failureCodes: Readonly<Record<FailureCode, FailureCodeEntry>> = {
  // The source: what the URL points at.
  blocked_address: {
    retry: 'never',
    meaning: 'The URL leads to an address or port that is not on the public web.',
    remedy:
      'Use a public URL, or open the address with `allow`, the port with `ports` of the source. `localhost` never is.',
  },
  invalid_host: {
    retry: 'never',
    meaning: 'The host name of the URL can not exist on the public web.',
    remedy: 'Correct the URL.',
  },
  host_not_found: {
    retry: 'once',
    meaning: 'No address is known for the host name of the URL.',
    remedy: 'Check the name; try the failed uploads again when it resolves.',
  },
  source_unreachable: {
    retry: 'soon',
    meaning: 'No connection to the source could be made, or it broke.',
    remedy: 'Try the failed uploads again later.',
  },
  source_timeout: {
    retry: 'soon',
    meaning: 'The source took longer than a limit allows.',
    remedy: 'Try again later, or raise the time limits of the source.',
  },
  source_unavailable: {
    retry: 'soon',
    meaning: 'The source answered with a passing error: 408, 425, 429 or 5xx.',
    remedy: 'Try the failed uploads again later.',
  },
  source_busy: {
    retry: 'wait',
    meaning: 'As much as is polite is read from the source already, it wants a pause, or we lack room.',
    remedy: 'Nothing: the upload waits for its turn.',
  },
  source_status: {
    retry: 'never',
    meaning: 'The source answered with a status that has no image and will not change by asking again.',
    remedy: 'Check that the URL opens in a browser without signing in.',
  },
  source_tls: {
    retry: 'never',
    meaning: 'The certificate of the source could not be trusted.',
    remedy:
      'The owner of the source has to renew or correct its certificate; one of your own is trusted by `certificates`.',
  },
  source_removed: {
    retry: 'never',
    meaning: 'The source redirects to a picture that says the image was removed.',
    remedy: 'Find another copy of the image.',
  },
  bad_redirect: {
    retry: 'never',
    meaning: 'A redirect leads nowhere, in a circle, too far, or from https to http.',
    remedy: 'Use the final URL of the image.',
  },
  bad_response: {
    retry: 'soon',
    meaning: 'The source sent something that is not HTTP.',
    remedy: 'The owner of the source has to correct its server.',
  },
  encoded_body: {
    retry: 'never',
    meaning: 'The source compressed the image although it was asked not to.',
    remedy: 'The owner of the source has to honour Accept-Encoding: identity.',
  },
  empty_body: {
    retry: 'never',
    meaning: 'The source answered without a single byte of an image.',
    remedy: 'Check that the URL opens in a browser.',
  },
  truncated: {
    retry: 'soon',
    meaning: 'The image ended before its announced length, or before its own end.',
    remedy: 'Try the failed uploads again later.',
  },
  not_an_image: {
    retry: 'never',
    meaning: 'The first bytes are of no image or video format.',
    remedy: 'Use the URL of the image itself, not of the page that shows it.',
  },
  unsupported_type: {
    retry: 'never',
    meaning: 'The image has a format that the host does not take.',
    remedy: 'Convert the image to JPEG, PNG or GIF first, or give a `transform`.',
  },
  too_large: {
    retry: 'never',
    meaning: 'The image is larger than the host takes.',
    remedy: 'Make the image smaller first, or give a `transform`.',
  },
  dimensions: {
    retry: 'never',
    meaning: 'The image says that it has more pixels than are taken, or none.',
    remedy: 'Scale the image down, or raise the `maxPixels` option of the source.',
  },

  // The application's own transform, between the two.
  transform_failed: {
    retry: 'never',
    meaning: 'The transform of the application failed on this image, or took too long.',
    remedy: 'Look at the log for the reason; try again when the transform is mended.',
  },

  // The host: where the image goes.
  host_rejected: {
    retry: 'never',
    meaning: 'The host refused the image and gave a reason.',
    remedy: 'Read the message; the host will refuse the same bytes again.',
  },
  host_unavailable: {
    retry: 'soon',
    meaning: 'The host answered with a passing error or no connection to it could be made.',
    remedy: 'Try the failed uploads again later.',
  },
  host_overloaded: {
    retry: 'wait',
    meaning: 'The host says that it is over capacity for now.',
    remedy: 'Nothing: the upload waits until the host has room.',
  },
  host_reply_lost: {
    retry: 'later',
    meaning: 'The image was sent and no reply came, so the host may have kept it.',
    remedy: 'Try again; the host may then hold the image twice.',
  },
  host_bad_reply: {
    retry: 'soon',
    meaning: 'The host answered with something that can not be read as a link or an error.',
    remedy: 'Try the failed uploads again later.',
  },
  host_rate_limited: {
    retry: 'wait',
    meaning: 'The host allows no more uploads for a while.',
    remedy: 'Nothing: the upload waits until the host allows it.',
  },
  host_credentials: {
    retry: 'wait',
    meaning: 'The host does not accept the credentials.',
    remedy: 'Give working credentials; the uploads wait for them.',
  },
  host_blocked: {
    retry: 'wait',
    meaning: 'The host refuses everything from this place or this application.',
    remedy: 'Upload from another place or as another application; the uploads wait.',
  },

  // Us.
  cancelled: {
    retry: 'end',
    meaning: 'The job was cancelled before this upload was settled.',
    remedy: 'Retry the job to have it after all.',
  },
  poison: {
    retry: 'end',
    meaning: 'Three workers have died or frozen while they held this upload.',
    remedy: 'Look at the image and at the memory limits of the workers.',
  },
  internal_error: {
    retry: 'later',
    meaning: 'A fault in this library or in an extension of it.',
    remedy: 'Report it with the message and the log.',
  },
};
