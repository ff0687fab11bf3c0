import type { FailureGroup, RecentFailureView } from '../../src/views/index.ts';
import { LongText } from '../components/long-text.tsx';
import { Remedy } from '../components/remedy.tsx';
import { Status } from '../components/status.tsx';
import { Ago } from '../components/time.tsx';
import { count } from '../format.ts';
import { address } from '../router.ts';

/** The newest failures by their code, with what one can do about them. */
export function Failures({ groups }: { readonly groups: readonly FailureGroup[] }) {
  return (
    <section class="card" aria-label="Newest failures">
      <header>
        <h2>Newest failures</h2>
        {groups.length > 0 && <a href={address(['jobs'], { failed: 'true' })}>All jobs with failures</a>}
      </header>
      {groups.length === 0 ? (
        <p class="quiet">None. What fails shows here, by its code, with what can be done about it.</p>
      ) : (
        <ul class="failures">
          {groups.map((group) => (
            <Group key={group.code} group={group} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Group({ group }: { readonly group: FailureGroup }) {
  const { code, meaning, remedy, newest } = group;
  return (
    <li>
      <h3>
        <Status of="failed">
          <span class="code">{code}</span>
        </Status>
        <span class="quiet">
          {count(group.count)} of the newest, {count(group.total)} in all
        </span>
      </h3>
      <p>
        {meaning} <Remedy text={remedy} />
      </p>
      <ol>
        {newest.map((failure) => (
          <Newest key={`${failure.jobId}/${failure.index}/${failure.at}`} failure={failure} />
        ))}
      </ol>
    </li>
  );
}

function Newest({ failure }: { readonly failure: RecentFailureView }) {
  const { jobId, index, url, message, at } = failure;
  const upload = `upload ${index} of job ${jobId}`;
  return (
    <li>
      <span class="quiet nowrap">
        <Ago at={at} />
      </span>
      <a class="nowrap" href={address(['jobs', jobId], { status: 'failed' })} title={jobId}>
        <bdi class="code">{jobId.slice(0, 8)}</bdi> #{index}
      </a>
      <span>
        <LongText text={message} what={`the message of ${upload}`} />
        <br />
        <span class="quiet">
          <LongText text={url} what={`the URL of ${upload}`} address />
        </span>
      </span>
    </li>
  );
}
