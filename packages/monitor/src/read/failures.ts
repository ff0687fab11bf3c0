import {
  type Failure,
  type FailureCode,
  failureCodes,
  type OutcomeCount,
  type RecentFailure,
} from '@imgferry/core';
import type { Shown } from '../shown.ts';
import type { FailureGroup, RecentFailureView, UploadView } from '../views/index.ts';

const shownOfEach = 5;

/** The newest failures by their codes, the group with the newest one first. */
export function failureGroups(
  failures: readonly RecentFailure[],
  outcomes: readonly OutcomeCount[],
  shown: Shown,
): readonly FailureGroup[] {
  const groups = Map.groupBy(failures, ({ failure }) => failure.code);
  return [...groups].map(([code, group]) => ({
    code: shown.word(code),
    ...wordsOn(code),
    count: group.length,
    total: totalOf(code, outcomes),
    newest: group.slice(0, shownOfEach).map((each) => recentFailureView(each, shown)),
  }));
}

/** Why an upload failed, with what one does about it. */
export function failureView({ code, message }: Failure, shown: Shown): UploadView['failure'] {
  return { code: shown.word(code), message: shown.text(message), remedy: wordsOn(code).remedy };
}

/** A newer worker of the fleet may tell of codes that are not known here. */
function wordsOn(code: FailureCode): Pick<FailureGroup, 'meaning' | 'remedy'> {
  if (!Object.hasOwn(failureCodes, code))
    return { meaning: 'A code of another version.', remedy: 'Update this process.' };
  const { meaning, remedy } = failureCodes[code];
  return { meaning, remedy };
}

function totalOf(code: FailureCode, outcomes: readonly OutcomeCount[]): number {
  return outcomes.filter((each) => each.code === code).reduce((sum, { count }) => sum + count, 0);
}

function recentFailureView(recent: RecentFailure, shown: Shown): RecentFailureView {
  const { jobId, index, url, host, failure, at } = recent;
  return {
    jobId,
    index,
    url: shown.url(url),
    host: shown.text(host),
    message: shown.text(failure.message),
    at,
  };
}
