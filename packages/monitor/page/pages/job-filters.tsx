import { useState } from 'preact/hooks';

import { MomentField } from '../components/moment-field.tsx';
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
  const [id, setId] = useState('');
  return (
    <search>
      <form
        class="joined"
        onSubmit={(event) => {
          event.preventDefault();
          if (id.trim() !== '') navigate(address(['jobs', id.trim()]));
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
            value={id}
            onInput={(event) => setId(event.currentTarget.value)}
          />
        </label>
        <button type="submit" aria-label="Open job">
          Open
        </button>
      </form>
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
