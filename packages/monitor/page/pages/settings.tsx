import { useState } from 'preact/hooks';

import type { SettingsView, SettingView } from '../../src/views/index.ts';
import { Loaded } from '../components/loaded.tsx';
import { Status } from '../components/status.tsx';
import { type Column, Table } from '../components/table.tsx';
import { Title } from '../components/title.tsx';
import { bytes, count, counted, duration } from '../format.ts';
import { useLive } from '../use-live.ts';
import { visibleText } from '../visible-text.ts';

type Value = string | number | boolean;

/** The settings in force, here and at the workers. */
export function SettingsPage() {
  const reading = useLive<SettingsView>('settings');
  return (
    <>
      <Title name="Settings" />
      <Loaded reading={reading}>{(view) => <Settings {...view} />}</Loaded>
    </>
  );
}

function Settings({ works, settings }: SettingsView) {
  const [sought, setSought] = useState('');
  const [onlyDiffering, setOnlyDiffering] = useState(false);
  if (settings.length === 0)
    return <p class="empty">No worker is there, so there are no settings to show.</p>;
  const shown = settings.filter(
    (setting) =>
      setting.name.toLowerCase().includes(sought.trim().toLowerCase()) &&
      (!onlyDiffering || differs(setting)),
  );
  return (
    <>
      <div class="bar">
        <label>
          Name{' '}
          <input
            data-filter
            type="search"
            spellcheck={false}
            value={sought}
            onInput={(event) => setSought(event.currentTarget.value)}
          />
        </label>
        <label>
          <input
            type="checkbox"
            checked={onlyDiffering}
            onChange={(event) => setOnlyDiffering(event.currentTarget.checked)}
          />{' '}
          Only those that differ ({count(settings.filter(differs).length)})
        </label>
      </div>
      {shown.length === 0 ? (
        <p class="empty">No setting is like that.</p>
      ) : (
        <Table
          caption="Settings in force"
          rows={shown}
          keyOf={({ name }) => name}
          rowClass={(setting) => (differs(setting) ? 'differs' : '')}
          columns={[
            { name: 'Setting', heads: true, cell: ({ name }) => <bdi class="code">{name}</bdi> },
            ...(works ? [HERE] : []),
            { name: 'Workers', line: true, cell: (setting) => <AtWorkers setting={setting} /> },
          ]}
        />
      )}
    </>
  );
}

/** A process that only watches follows none of its settings, so they are not shown. */
const HERE: Column<SettingView> = {
  name: 'This process',
  line: true,
  cell: ({ name, here }) => <Shown name={name} value={here} />,
};

function AtWorkers({ setting }: { readonly setting: SettingView }) {
  const { name, workers } = setting;
  if (workers.length === 0) return <span class="quiet">–</span>;
  return (
    <span class="statuses">
      {workers.map(({ value, count: having }) => (
        <span key={String(value)}>
          <Shown name={name} value={value} /> <span class="quiet">at {counted(having, 'worker')}</span>
        </span>
      ))}
      {differs(setting) && <Status of="warning">differs</Status>}
    </span>
  );
}

/** Among the workers, of which this process is one when it works. */
function differs({ workers }: SettingView): boolean {
  return workers.length > 1;
}

/** As it is, and in words where its name says the unit. */
function Shown({ name, value }: { readonly name: string; readonly value: Value | null }) {
  if (value === null) return <span class="quiet">–</span>;
  return (
    <span>
      <bdi class="code">{visibleText(String(value))}</bdi>
      {inWords(name, value)}
    </span>
  );
}

function inWords(name: string, value: Value) {
  if (typeof value !== 'number') return null;
  if (name.endsWith('Ms') && value >= 1_000) return <span class="quiet"> ({duration(value)})</span>;
  if (name.endsWith('Bytes') && value >= 1_000) return <span class="quiet"> ({bytes(value)})</span>;
  return null;
}
