import { ago, clockTime, countdown, duration, fullMoment, moment } from '../format.ts';
import { useNow } from '../use-live.ts';

/** How long ago something was; it goes on by itself. */
export function Ago({ at }: { readonly at: number | null }) {
  const now = useNow();
  if (at === null) return <>–</>;
  return (
    <time dateTime={new Date(at).toISOString()} title={fullMoment(at)}>
      {ago(now - at)}
    </time>
  );
}

/** When something was, and how long ago that is. */
export function When({ at }: { readonly at: number | null }) {
  const now = useNow();
  if (at === null) return <>–</>;
  return (
    <time class="when" dateTime={new Date(at).toISOString()} title={fullMoment(at)}>
      {moment(at, now)} <span class="quiet">{ago(now - at)}</span>
    </time>
  );
}

/** What is left until then: `12:03`. */
export function Until({ at }: { readonly at: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={`At ${clockTime(at)}`}>
      {countdown(at - now)}
    </time>
  );
}

/** For how long something has been going on. */
export function Since({ at }: { readonly at: number }) {
  return <>{duration(useNow() - at)}</>;
}
