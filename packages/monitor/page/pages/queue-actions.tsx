import { useId, useState } from 'preact/hooks';

import type { PausedView } from '../../src/views/index.ts';
import { ActionButton, Confirmation, useAction } from '../components/action-button.tsx';
import { Status } from '../components/status.tsx';
import { useInForce } from '../in-force.ts';
import { useMayWrite } from '../use-live.ts';

/** Pauses and resumes everything, or what goes to one host. */
export function QueueActions({ paused }: { readonly paused: PausedView }) {
  const mayWrite = useMayWrite();
  return (
    <section class="card" aria-label="Paused by hand">
      <header>
        <h2>Paused by hand</h2>
      </header>
      <ul class="rows">
        <li>
          <span>The whole queue</span>
          <State paused={paused.queue} />
          {mayWrite && <QueueButton paused={paused.queue} />}
        </li>
        {paused.hosts.map((host) => (
          <li key={host}>
            <span>
              Host <bdi class="code">{host}</bdi>
            </span>
            <State paused />
            {mayWrite && <ResumeHost host={host} />}
          </li>
        ))}
      </ul>
      {mayWrite && <PauseHost />}
    </section>
  );
}

function State({ paused }: { readonly paused: boolean }) {
  return paused ? <Status of="paused" /> : <span class="quiet">not paused</span>;
}

function QueueButton({ paused }: { readonly paused: boolean }) {
  return paused ? (
    resumeQueue()
  ) : (
    <ActionButton
      label="Pause the queue"
      path="queue/pause"
      done={() => 'The queue is paused. What runs already is finished.'}
      question={{
        title: 'Pause the whole queue?',
        confirm: 'Pause it',
        told: (
          <p>
            No worker of this store is given an upload any more until the queue is resumed. What runs already
            is finished, and jobs are still accepted.
          </p>
        ),
      }}
    />
  );
}

/** No component of its own: it is the same button as the one that pauses. */
export function resumeQueue() {
  return <ActionButton label="Resume the queue" path="queue/resume" done={() => 'The queue goes on.'} />;
}

export function ResumeHost({ host }: { readonly host: string }) {
  return (
    <ActionButton
      label="Resume"
      name={`Resume host ${host}`}
      path={`hosts/${encodeURIComponent(host)}/resume`}
      done={() => `Uploads to ${host} go on.`}
    />
  );
}

/** Hosts are known by the names that jobs have; one that workers upload to is offered. */
function PauseHost() {
  const [host, setHost] = useState('');
  const name = host.trim();
  const list = useId();
  const known = useInForce('host').filter((each) => typeof each === 'string');
  const [asking, setAsking] = useState(false);
  const [pause, busy] = useAction({
    path: `hosts/${encodeURIComponent(name)}/pause`,
    done: () => `Uploads to ${name} are paused. What runs already is finished.`,
    onDone: () => setHost(''),
  });
  return (
    <>
      <form
        class="joined"
        onSubmit={(event) => {
          event.preventDefault();
          if (name !== '') setAsking(true);
        }}
      >
        <label>
          Host{' '}
          <input
            type="text"
            required
            spellcheck={false}
            autocomplete="off"
            list={list}
            value={host}
            onInput={(event) => setHost(event.currentTarget.value)}
          />
        </label>
        <datalist id={list}>
          {known.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <button type="submit" aria-disabled={busy}>
          Pause host
        </button>
      </form>
      {asking && (
        <Confirmation
          question={{
            title: `Pause uploads to ${name}?`,
            confirm: 'Pause this host',
            told: (
              <>
                {known.length > 0 && !known.includes(name) && (
                  <p class="tone-warn">The workers upload to {known.join(', ')}, not to this one.</p>
                )}
                <p>Its uploads wait until it is resumed. What runs already is finished.</p>
              </>
            ),
          }}
          run={pause}
          busy={busy}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
