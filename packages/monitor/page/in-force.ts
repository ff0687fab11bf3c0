import { useEffect, useState } from 'preact/hooks';

import type { SettingsView, SettingView } from '../src/views/index.ts';
import { readOnce } from './actions.ts';

type Value = NonNullable<SettingView['here']>;

/** The values that a setting has, in this process and in the workers; read once, empty until then. */
export function useInForce(name: string): readonly Value[] {
  const [values, setValues] = useState<readonly Value[]>([]);
  useEffect(() => {
    void readOnce<SettingsView>('settings').then((result) => {
      if (result.status === 'refused') return;
      const setting = result.value.settings.find((each) => each.name === name);
      const found = [setting?.here, ...(setting?.workers ?? []).map(({ value }) => value)];
      setValues([...new Set(found.filter((value) => value !== undefined && value !== null))]);
    });
  }, []);
  return values;
}

/** The longest time that a setting has there, in milliseconds; undefined while nobody tells. */
export function useLongest(name: string): number | undefined {
  const times = useInForce(name).filter((value) => typeof value === 'number');
  return times.length === 0 ? undefined : Math.max(...times);
}
