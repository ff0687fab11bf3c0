/** Numbers and times as the page writes them. What is unknown is a dash. */

const DASH = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export function count(value: number | null): string {
  return value === null ? DASH : whole.format(value);
}

/** For axes, where there is little room. */
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
export function shortCount(value: number): string {
  return compact.format(value);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** `1 job`, `2 jobs`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** A share, from 0 to 1. */
export function percent(share: number): string {
  const percents = share * 100;
  return `${percents < 10 ? oneDigit.format(percents) : whole.format(percents)} %`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

export function bytes(value: number | null): string {
  if (value === null) return DASH;
  let scaled = value;
  let unit = 0;
  while (scaled >= 999.5 && unit < BYTE_UNITS.length - 1) {
    scaled /= 1_000;
    unit += 1;
  }
  return `${scaled < 10 ? oneDigit.format(scaled) : whole.format(scaled)} ${BYTE_UNITS[unit]}`;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long something took or has been: two units at most. What is longer never reads as shorter: nothing is rounded up. */
export function duration(ms: number | null): string {
  if (ms === null) return DASH;
  const past = Math.max(0, ms);
  if (past < SECOND_MS) return `${whole.format(Math.floor(past))} ms`;
  if (past < 10 * SECOND_MS) return `${oneDigit.format(Math.floor(past / 100) / 10)} s`;
  if (past < MINUTE_MS) return `${Math.floor(past / SECOND_MS)} s`;
  if (past < HOUR_MS) return twoUnits(past, MINUTE_MS, 'min', SECOND_MS, 's');
  if (past < DAY_MS) return twoUnits(past, HOUR_MS, 'h', MINUTE_MS, 'min');
  return twoUnits(past, DAY_MS, 'd', HOUR_MS, 'h');
}

function twoUnits(ms: number, largeMs: number, large: string, smallMs: number, small: string): string {
  const rest = Math.floor((ms % largeMs) / smallMs);
  const first = `${whole.format(Math.floor(ms / largeMs))} ${large}`;
  return rest === 0 ? first : `${first} ${rest} ${small}`;
}

/** How long ago something was: one unit, so that it does not flicker. */
export function ago(ms: number): string {
  if (ms < SECOND_MS) return 'just now';
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s ago`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`;
  return `${whole.format(Math.floor(ms / DAY_MS))} d ago`;
}

/** What is left of a time: `12:03`, `1:00:09`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / SECOND_MS));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (part: number): string => String(part).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minuteOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayAndYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const everything = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });

/** `14:03:22`, in the time zone of who looks. */
export function clockTime(at: number): string {
  return timeOfDay.format(at);
}

/** `14:03`. */
export function clockMinute(at: number): string {
  return minuteOfDay.format(at);
}

/** `27 Nov 14:03:22`, with the year when it is another one. */
export function moment(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return `${(sameYear ? day : dayAndYear).format(at)} ${timeOfDay.format(at)}`;
}

/** Everything about a moment, with its time zone. */
export function fullMoment(at: number): string {
  return everything.format(at);
}
