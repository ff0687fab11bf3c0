import { useState } from 'preact/hooks';

import type { PausedView } from '../../src/views/index.ts';
import { ActionButton, ConfirmedButton } from '../components/action-button.tsx';
import { Status } from '../components/status.tsx';
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
  return paused ? <Status of="paused" /> : <Status of="claimed">not paused</Status>;
}

function QueueButton({ paused }: { readonly paused: boolean }) {
  if (paused) return <ResumeQueue />;
  return (
    <ConfirmedButton
      label="Pause the queue"
      title="Pause the whole queue?"
      confirm="Pause it"
      path="queue/pause"
      done={() => 'The queue is paused. What runs already is finished.'}
    >
      <p>
        No worker of this store is given an upload any more until the queue is resumed. What runs already is
        finished, and jobs are still accepted.
      </p>
    </ConfirmedButton>
  );
}

export function ResumeQueue() {
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

function PauseHost() {
  const [host, setHost] = useState('');
  return (
    <form class="joined" onSubmit={(event) => event.preventDefault()}>
      <label>
        Host{' '}
        <input
          type="text"
          spellcheck={false}
          autocomplete="off"
          placeholder="imgur"
          value={host}
          onInput={(event) => setHost(event.currentTarget.value)}
        />
      </label>
      {host.trim() !== '' && (
        <ActionButton
          label="Pause host"
          path={`hosts/${encodeURIComponent(host.trim())}/pause`}
          done={() => `Uploads to ${host.trim()} are paused. What runs already is finished.`}
          onDone={() => setHost('')}
        />
      )}
    </form>
  );
}
