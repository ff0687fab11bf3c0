import type { BucketView } from '../../src/views/index.ts';
import { budgetWords } from '../budget-words.ts';
import { Gauge } from '../components/job-bar.tsx';
import { Status } from '../components/status.tsx';
import { Table } from '../components/table.tsx';
import { Term } from '../components/term.tsx';
import { Until } from '../components/time.tsx';
import { count } from '../format.ts';
import { visibleText } from '../visible-text.ts';

const REASONS: Readonly<Record<string, string>> = {
  exhausted: 'used up',
  'rate-limited': 'the host asked to wait',
  overloaded: 'the host is over capacity',
  unavailable: 'the host is down',
  credentials: 'the credentials are refused',
  blocked: 'the host has blocked us',
};

/** Why nothing goes to a host, in words; a store may hold a reason of another version. */
export function reasonText(reason: BucketView['reason']): string {
  if (reason === null) return 'nothing left';
  return Object.hasOwn(REASONS, reason) ? (REASONS[reason] ?? reason) : visibleText(reason);
}

/** What the hosts still allow. */
export function Budget({ buckets }: { readonly buckets: readonly BucketView[] }) {
  return (
    <section class="card" aria-label="Budget of the hosts">
      <header>
        <span class="explained">
          <h2>Budget of the hosts</h2>
          <Term of="budget" />
        </span>
      </header>
      {buckets.length === 0 ? (
        <p class="quiet">
          No limit is known. A host tells its limits with its replies, so they show after the first upload.
        </p>
      ) : (
        <Table
          caption="What the hosts still allow, by limit"
          rows={buckets}
          keyOf={({ name }) => name}
          columns={[
            { name: 'Limit', heads: true, cell: ({ name }) => <Limit name={name} /> },
            { name: 'Left', wide: true, cell: (bucket) => <Left bucket={bucket} /> },
            { name: 'In flight', number: true, cell: ({ inFlight }) => count(inFlight) },
            { name: 'Full again in', number: true, cell: ({ resetsAt }) => <Until at={resetsAt} /> },
          ]}
        />
      )}
    </section>
  );
}

/** Its name, and what is counted under it. */
function Limit({ name }: { readonly name: string }) {
  const words = budgetWords(name);
  return (
    <span>
      <bdi class="code">{name}</bdi>
      {words !== undefined && <span class="counted quiet">{words}</span>}
    </span>
  );
}

function Left({ bucket }: { readonly bucket: BucketView }) {
  const { remaining, limit, reason } = bucket;
  const share = limit === null || limit === 0 ? undefined : remaining / limit;
  const tone = remaining === 0 ? 'bad' : (share ?? 1) < 0.15 ? 'warn' : 'accent';
  return (
    <span class="left">
      {share !== undefined && <Gauge share={share} tone={tone} />}
      <span class="nowrap">
        {count(remaining)}
        {limit !== null && <span class="quiet"> of {count(limit)}</span>}
      </span>
      {(remaining === 0 || reason !== null) && <Status of="paused">{reasonText(reason)}</Status>}
    </span>
  );
}
