import type { BucketView, Overview } from '../../src/views/index.ts';
import { Banner } from '../components/banner.tsx';
import { Until } from '../components/time.tsx';
import { clockTime } from '../format.ts';
import { useMayWrite, useNow } from '../use-live.ts';
import { visibleText } from '../visible-text.ts';
import { reasonText } from './budget.tsx';
import { ResumeAll } from './fleet-actions.tsx';

/** Why uploads wait although nobody has paused the queue: no worker takes any, or a host allows none. */
export function Standstill({ overview }: { readonly overview: Overview }) {
  const mayWrite = useMayWrite();
  const now = useNow();
  const { online, paused, draining } = overview.workers;
  const shut = overview.budget.filter(({ remaining, resetsAt }) => remaining <= 0 && resetsAt > now);
  const idle = paused > 0 && online + draining === 0;
  if (!idle && shut.length === 0) return null;
  return (
    <section aria-label="Why uploads wait" class="reasons">
      {idle && (
        <Banner of="paused" strong="All workers are paused." action={mayWrite && <ResumeAll />}>
          Uploads wait, and nothing fails.
        </Banner>
      )}
      {shut.map((bucket) => (
        <Shut key={bucket.name} bucket={bucket} />
      ))}
    </section>
  );
}

/** The name of a limit begins with that of its host. The seconds that pass are not for a screen reader. */
function Shut({ bucket: { name, reason, resetsAt } }: { readonly bucket: BucketView }) {
  const [host = ''] = name.split(':');
  return (
    <Banner
      of="paused"
      strong={
        <>
          <bdi>{visibleText(host)}</bdi> allows nothing more until {clockTime(resetsAt)}
          <span aria-hidden="true">
            {' '}
            (in <Until at={resetsAt} />)
          </span>
          :
        </>
      }
    >
      {reason !== null && `${reasonText(reason)}; `}uploads that need{' '}
      <bdi class="code">{visibleText(name)}</bdi> wait, and nothing fails.
    </Banner>
  );
}
