/** The settings in force, of this process and of every worker. */
export interface SettingsView {
  readonly settings: readonly SettingView[];
}

/** One setting. */
export interface SettingView {
  readonly name: string;
  /** What this process has; null when it has none of that name. */
  readonly here: string | number | boolean | null;
  /** What the workers have that are not offline: each value that occurs, and how many have it. */
  readonly workers: readonly { readonly value: string | number | boolean; readonly count: number }[];
}
