/**
 * Ferries images from anywhere on the web to an image host: jobs, workers, retries, events, and the interfaces that
 * stores, sources and hosts implement.
 * @module @imgferry/core
 */
export type {
  BucketReading,
  BucketState,
  Budget,
  BudgetReading,
  BudgetScope,
  BudgetState,
  PauseReason,
} from './budget.ts';
export type { CommandTarget } from './check-command.ts';
export { hostNamePattern } from './check-host-name.ts';
export type { UploadsOptions } from './check-page.ts';
export { csvRecord } from './csv.ts';
export { type Durations, durationBoundsMs } from './durations.ts';
export { encodeJson } from './encode-json.ts';
export {
  IdempotencyConflictError,
  ImgferryError,
  InvalidCursorError,
  InvalidOptionError,
  InvalidUrlsError,
  LoopLagError,
  QueueFullError,
  StateError,
  StoreResetError,
  StoreUnavailableError,
  type UrlProblem,
} from './errors.ts';
export type { Listener } from './event-hub.ts';
export type { UploadEvent, UploaderEventName, UploaderEvents } from './events.ts';
export {
  type Failure,
  type FailureCode,
  type FailureCodeEntry,
  failureCodes,
  type RetryRule,
} from './failure.ts';
export type {
  Fleet,
  FleetListOptions,
  HeldUpload,
  WorkerCommand,
  WorkerInfo,
  WorkerReport,
} from './fleet.ts';
export type { FollowOptions, FollowProgressOptions } from './follow.ts';
export { foreignText } from './foreign-text.ts';
export type { Host, HostLimits, HostUpload, HostUploadOptions } from './host.ts';
export type {
  ImageToTransform,
  ImageTransform,
  TransformedImage,
  TransformOptions,
} from './image-transform.ts';
export type {
  CompleteOutcome,
  Created,
  FailedOutcome,
  ImageFacts,
  ImageMark,
  JobEnd,
  JobOptions,
  JobStatus,
  JobSummary,
  Metadata,
  NewJob,
  Outcome,
  PausedBy,
  Upload,
  UploadStatus,
} from './job.ts';
export { checkJobId } from './job-id.ts';
export type { Lease, LostReason } from './lease.ts';
export { defaultLogger, type Logger, safeLogger, silentLogger } from './logger.ts';
export { type MappingEntry, mappingEntry, writeMappingCsv } from './mapping.ts';
export { checkOptionNames, type OptionNames } from './option-names.ts';
export type { UploaderOptions } from './options.ts';
export type { JobFilter, Page, PageOptions } from './page.ts';
export type { Claimed, ClaimOptions, EndedUpload, Queue, Release } from './queue.ts';
export { readWorkerReport } from './read-worker-report.ts';
export type { RecentFailure } from './recent-failure.ts';
export {
  isReading,
  requireClaim,
  requireExtend,
  requireProgress,
  requireRelease,
  requireSettle,
} from './recordable.ts';
export { redactError } from './redact-error.ts';
export { redactUrl } from './redact-url.ts';
export type { Settings } from './settings.ts';
export type { OpenOptions, Source, SourceImage } from './source.ts';
export type { OutcomeCount, Stats } from './stats.ts';
export type {
  DeleteHash,
  EventsOptions,
  HearProgressOptions,
  PauseChange,
  PauseTarget,
  Retried,
  RetryOptions,
  RetrySelection,
  Settlement,
  SettleRequest,
  Store,
  UploadPage,
} from './store.ts';
export type { StoreChange, StoreEvent } from './store-event.ts';
export type { SubmitOptions } from './submit-options.ts';
export { TransferError, type TransferErrorFacts } from './transfer-error.ts';
export type { LeaseProgress, ProgressEnd, UploadProgress, UploadProgressed } from './upload-progress.ts';
export { type Submitted, Uploader } from './uploader.ts';
export { version } from './version.ts';
