/** The settings in force, of every worker, and of this process when it is one. */
export interface SettingsView {
  /** Whether this process works. One that only watches has settings that nothing follows, so none are shown. */
  readonly works: boolean;
  readonly settings: readonly SettingView[];
}

/** One setting. */
export interface SettingView {
  readonly name: string;
  /** What this process has; null when it has none of that name, or does not work. */
  readonly here: string | number | boolean | null;
  /** What the workers have that are not offline: each value that occurs, and how many have it. */
  readonly workers: readonly { readonly value: string | number | boolean; readonly count: number }[];
}
