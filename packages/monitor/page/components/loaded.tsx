import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { clockTime } from '../format.ts';
import type { Problem, Reading } from '../reading.ts';
import { Status } from './status.tsx';

/**
 * What was read, in every state it can be in: not yet there, there, there but old, or not to be had. What is old is
 * dimmed and stays.
 */
export function Loaded<Value>({
  reading,
  missing,
  children,
}: {
  readonly reading: Reading<Value>;
  /** What to say when there is no such thing. */
  readonly missing?: ComponentChildren;
  readonly children: (value: Value) => ComponentChildren;
}) {
  const { value, at, problem, isOfBefore = false } = reading;
  const isMissing = problem?.status === 404 || problem?.status === 400;
  if (isMissing && missing !== undefined) return <div class="empty">{missing}</div>;
  return (
    <>
      {problem !== undefined && <Trouble problem={problem} at={at} />}
      {value === undefined || at === undefined ? (
        problem === undefined && <Loading />
      ) : (
        <div class={`loaded${problem === undefined ? '' : ' stale'}`} aria-busy={isOfBefore}>
          {children(value)}
        </div>
      )}
    </>
  );
}

/** The server is there, but what it should read is not. */
function Trouble({ problem, at }: { readonly problem: Problem; readonly at: number | undefined }) {
  return (
    <div class="banner tone-warn" role="status">
      <p>
        <Status of="warning">
          <strong>
            <bdi>{sentence(problem.detail ?? problem.title)}</bdi>
          </strong>
        </Status>{' '}
        {at !== undefined && `What you see is from ${clockTime(at)}. `}The monitor goes on trying by itself.
      </p>
    </div>
  );
}

/** The server writes what is wrong as a part of one. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const LATE_MS = 200;

/** Nothing at first: what comes at once should not flicker. */
export function Loading() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(setLate, LATE_MS, true);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="loading" aria-busy="true">
      {late && (
        <>
          <p class="unseen">Loading</p>
          <div class="skeleton" />
          <div class="skeleton" />
          <div class="skeleton" />
        </>
      )}
    </div>
  );
}
