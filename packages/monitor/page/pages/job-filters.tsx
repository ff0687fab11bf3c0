import { useId, useState } from 'preact/hooks';

import { MomentField } from '../components/moment-field.tsx';
import { jobIdOf } from '../job-id.ts';
import { address, type Query } from '../router.ts';
import { navigate } from '../use-route.ts';

/** Which jobs to show. What is chosen is in the address, so that it can be sent to somebody. */
export function JobFilters({
  filters,
  onFilter,
}: {
  readonly filters: Query;
  readonly onFilter: (changed: Query) => void;
}) {
  const filtered = Object.values(filters).some((value) => (value ?? '') !== '');
  return (
    <div class="bar filters">
      <OpenJob />
      <label>
        Status{' '}
        <select
          value={filters.status ?? ''}
          onChange={(event) => onFilter({ status: event.currentTarget.value })}
        >
          <option value="">all</option>
          <option value="pending">pending</option>
          <option value="in-progress">in progress</option>
          <option value="complete">complete</option>
        </select>
      </label>
      <Flag name="failed" label="With failures" filters={filters} onFilter={onFilter} />
      <Flag name="paused" label="Paused" filters={filters} onFilter={onFilter} />
      <MomentField label="From" value={filters.from} onChange={(from) => onFilter({ from })} />
      <MomentField label="Until" value={filters.before} onChange={(before) => onFilter({ before })} />
      {filtered && <a href={address(['jobs'])}>Clear filters</a>}
    </div>
  );
}

interface Field {
  readonly name: string;
  readonly label: string;
  readonly filters: Query;
  readonly onFilter: (changed: Query) => void;
}

/** A job is found by its id at once; it is no filter. */
function OpenJob() {
  const [typed, setTyped] = useState('');
  const [refused, setRefused] = useState(false);
  const rule = useId();
  return (
    <search>
      <form
        class="joined"
        onSubmit={(event) => {
          event.preventDefault();
          const id = jobIdOf(typed);
          if (id !== undefined) navigate(address(['jobs', id]));
          setRefused(id === undefined && typed.trim() !== '');
        }}
      >
        <label>
          Job id{' '}
          <input
            data-filter
            type="search"
            spellcheck={false}
            autocomplete="off"
            size={12}
            placeholder="the whole id"
            value={typed}
            aria-invalid={refused}
            aria-describedby={rule}
            onInput={(event) => {
              setTyped(event.currentTarget.value);
              setRefused(false);
            }}
          />
        </label>
        <button type="submit" aria-label="Open job">
          Open
        </button>
      </form>
      <p id={rule} role="alert" class="tone-bad">
        {refused && 'The whole id is needed, of 36 characters. Each job in the list leads to its page.'}
      </p>
    </search>
  );
}

function Flag({ name, label, filters, onFilter }: Field) {
  return (
    <label>
      <input
        type="checkbox"
        checked={filters[name] === 'true'}
        onChange={(event) => onFilter({ [name]: event.currentTarget.checked ? 'true' : undefined })}
      />{' '}
      {label}
    </label>
  );
}
