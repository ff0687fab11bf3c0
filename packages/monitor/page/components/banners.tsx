import type { PausedView } from '../../src/views/index.ts';
import { ago, clockTime } from '../format.ts';
import { ResumeHost, resumeQueue } from '../pages/queue-actions.tsx';
import { live, useConnection, useLive, useMayWrite, useNow } from '../use-live.ts';
import { Banner } from './banner.tsx';

/** What one has to know on every page: that something is paused, and that what one sees is old. */
export function Banners() {
  const { value: paused } = useLive<PausedView>('paused');
  const connection = useConnection();
  const mayWrite = useMayWrite();
  return (
    <section aria-label="Notices" class="banners">
      <div role="status">
        {connection.state === 'lost' && <Lost since={connection.since} />}
        {connection.state === 'full' && <Full reason={connection.reason} />}
        {connection.state === 'refused' && <Refused status={connection.status} />}
      </div>
      <div role="status">
        {paused?.queue && (
          <Banner of="paused" strong="The whole queue is paused." action={mayWrite && resumeQueue()}>
            Nothing is handed to workers until it is resumed.
          </Banner>
        )}
        {paused?.hosts.map((host) => (
          <Banner
            key={host}
            of="paused"
            strong={
              <>
                Host <bdi>{host}</bdi> is paused.
              </>
            }
            action={mayWrite && <ResumeHost host={host} />}
          >
            Its uploads wait until it is resumed.
          </Banner>
        ))}
      </div>
    </section>
  );
}

/** The seconds that pass are not for a screen reader, which would read them all. */
function Lost({ since }: { readonly since: number }) {
  return (
    <Banner
      of="warning"
      strong={
        <>
          Connection lost
          <Passed since={since} />
        </>
      }
    >
      The page is trying again.
      <SeenAt />
    </Banner>
  );
}

function SeenAt() {
  return <>{live.heardAt !== undefined && ` What you see is from ${clockTime(live.heardAt)}.`}</>;
}

function Full({ reason }: { readonly reason: string }) {
  return (
    <Banner of="warning" strong="Too many watch this monitor.">
      It says: <bdi>{reason}</bdi>. The page is trying again; it goes on when another one is closed.
      <SeenAt />
    </Banner>
  );
}

function Passed({ since }: { readonly since: number }) {
  const now = useNow();
  return (
    <span>
      <span aria-hidden="true"> {ago(now - since)}</span>.
    </span>
  );
}

function Refused({ status }: { readonly status: number }) {
  return (
    <Banner
      of="warning"
      strong={status === 401 ? 'You are not signed in.' : 'You may not look at this.'}
      action={
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      }
    >
      {status === 401
        ? 'Reload the page to sign in.'
        : 'The server does not let you in. Ask whoever runs it, then reload the page.'}
    </Banner>
  );
}
