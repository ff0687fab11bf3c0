/** An event as its listener gets it. */
export interface Heard {
  readonly type: string;
  /** The id that it brought with it. */
  readonly id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what it should be is for each test to say
  readonly data: any;
}

/** Reads an event stream as WHATWG HTML, 9.2.6 has it, apart from what is forbidden here: CR, and a byte order mark. */
export class EventParser {
  readonly events: Heard[] = [];
  comments = 0;
  retryMs: number | undefined;
  lastEventId = '';
  #decoder = new TextDecoder('utf-8', { fatal: true });
  #rest = '';
  #type = '';
  #data: string[] = [];
  #id: string | undefined;

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (line.includes('\r') || line.includes('\0')) throw new Error(`not a line: ${JSON.stringify(line)}`);
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (line === '') this.#dispatch();
    else if (field === '') this.comments += 1;
    else if (field === 'event') this.#type = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id') this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    else throw new Error(`an unknown field: ${line}`);
  }

  #dispatch(): void {
    this.lastEventId = this.#id ?? this.lastEventId;
    if (this.#data.length > 0)
      this.events.push({
        type: this.#type || 'message',
        id: this.#id,
        data: JSON.parse(this.#data.join('\n')),
      });
    this.#type = '';
    this.#data = [];
    this.#id = undefined;
  }
}
