export type { DeleteHashesView, JobPageView, JobsView, JobView, UploadsView, UploadView } from './jobs.ts';
export type { LiveEvents, ProgressView } from './live.ts';
export type {
  BucketView,
  FailureGroup,
  MinuteView,
  Overview,
  PausedAnswer,
  PausedView,
  RecentFailureView,
} from './overview.ts';
export type { QueueView } from './queue.ts';
export type { Session } from './session.ts';
export type { SettingsView, SettingView } from './settings.ts';
export type { HeldView, ToldAnswer, WorkersView, WorkerView } from './workers.ts';
