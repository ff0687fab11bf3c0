import type { Settings } from '@imgferry/core';
import type { Look } from '../call.ts';
import type { Shown } from '../shown.ts';
import type { SettingsView, SettingView } from '../views/index.ts';

type Value = Settings[string];

/** The settings of the workers that are not offline, and those in force here when this process is one of them. */
export async function readSettings({ uploader, readings, shown }: Look): Promise<SettingsView> {
  const workers = await readings.workersAndSettings();
  const there = workers.filter(({ state }) => state !== 'offline');
  const works = there.some(({ id }) => id === uploader.workerId);
  const here = works ? uploader.settings : {};
  const present = there.map(({ settings }) => settings);
  const names = new Set([here, ...present].flatMap((settings) => Object.keys(settings)));
  return { works, settings: [...names].sort().map((name) => settingView(name, here, present, shown)) };
}

function settingView(name: string, here: Settings, workers: readonly Settings[], shown: Shown): SettingView {
  const counts = new Map<Value, number>();
  for (const settings of workers) {
    const value = shownValue(settings, name, shown);
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return {
    name: shown.text(name),
    here: shownValue(here, name, shown),
    workers: [...counts].map(([value, count]) => ({ value, count })),
  };
}

function shownValue(settings: Settings, name: string, shown: Shown): Value | null {
  const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
  return typeof value === 'string' ? shown.text(value) : (value ?? null);
}
