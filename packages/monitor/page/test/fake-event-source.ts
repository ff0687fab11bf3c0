import { Live } from '../live.ts';

/** An EventSource without a network, for its states; with a network they are tested in a browser. */
export class FakeEventSource {
  readonly url: string;
  readyState = 0;
  readonly #listeners = new Map<string, ((event: { readonly data: string }) => void)[]>();

  constructor(url: string) {
    this.url = url;
  }

  addEventListener(name: string, listener: (event: { readonly data: string }) => void): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  close(): void {
    this.readyState = 2;
  }

  get watched(): readonly string[] {
    return new URLSearchParams(this.url.split('?')[1]).getAll('watch');
  }

  tell(name: string, data: object = {}): void {
    for (const listener of this.#listeners.get(name) ?? []) listener({ data: JSON.stringify(data) });
  }

  hello(over: object = {}): void {
    this.tell('hello', { version: '1.0.0', script: 'page-1.js', role: 'write', ...over });
  }

  /** The connection broke; the browser tries again. */
  break(): void {
    this.readyState = 0;
    this.tell('error');
  }

  /** The answer was no stream; the browser gives up. */
  giveUp(): void {
    this.readyState = 2;
    this.tell('error');
  }
}

/** A {@link Live} whose network, time and page are in the hands of a test. */
export function createLiveScene() {
  const sources: FakeEventSource[] = [];
  const waiting: { readonly task: () => void; readonly ms: number }[] = [];
  const frames: (() => void)[] = [];
  const scene = {
    /** What a request for the stream is answered with, and why. */
    status: undefined as number | undefined,
    detail: undefined as string | undefined,
    /** What can not be watched. */
    wrong: [] as string[],
    /** The scripts that the server said it has. */
    served: [] as string[],
  };
  const live = new Live({
    open: (url) => {
      const source = new FakeEventSource(url);
      sources.push(source);
      return source as unknown as EventSource;
    },
    ask: async (path) => {
      const isWrong = new FakeEventSource(path).watched.some((each) => scene.wrong.includes(each));
      const status = isWrong ? 400 : scene.status;
      if (status === undefined) return undefined;
      return { status, title: `${status}`, ...(scene.detail === undefined ? {} : { detail: scene.detail }) };
    },
    served: (script) => scene.served.push(script),
    later: (task, ms) => waiting.push({ task, ms }),
    frame: (task) => frames.push(task),
  });
  return {
    live,
    sources,
    scene,
    /** The source that is open, the newest. */
    source: (): FakeEventSource => {
      const newest = sources.at(-1);
      if (newest === undefined) throw new Error('nothing was opened');
      return newest;
    },
    /** Draws the screen, and answers how much was put off until then. */
    draw: (): number => {
      const due = frames.splice(0);
      for (const task of due) task();
      return due.length;
    },
    /** Does what was put off, and answers for how long each was. */
    pass: (): number[] => {
      const due = waiting.splice(0);
      for (const { task } of due) task();
      return due.map(({ ms }) => ms);
    },
  };
}

export const nothing = (): void => {};

/** A scene that watches these paths and is live. */
export function openScene(...paths: string[]) {
  const scene = createLiveScene();
  const leaves = paths.map((path) => scene.live.watch(path, nothing));
  scene.pass();
  scene.source().hello();
  return { ...scene, leaves };
}
