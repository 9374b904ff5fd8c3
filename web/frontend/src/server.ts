// The server, by HTTP and by the desk's WebSocket. What it says goes to `hear`; what is asked is answered by a promise.

import type { Asked, Told } from './messages';

export interface Who {
  account: string;
  name: string;
  roles: string[];
  agent: string | null;
  language: string;
  may: string[];
}

export interface Trouble {
  error: string;
  wait_s?: number;
  ways?: string[]; // further ways to sign in
}

export class Refused extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.error);
  }
}

export async function http<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  });
  if (answer.status === 204) return undefined as T;
  const said: unknown = await answer.json().catch(() => ({ error: 'broken' }));
  if (!answer.ok) throw new Refused(said as Trouble);
  return said as T;
}

export const whoAmI = () => http<Who>('GET', '/api/session');
export const signIn = (account: string, password: string) => http<Who>('POST', '/api/session', { account, password });
export const signOut = () => http<void>('DELETE', '/api/session');
export const phoneCredentials = () => http<{ user: string; password: string }>('POST', '/api/phone');

/** An ask without its `ref`, which is given here. */
export type Wish = Asked extends infer One ? (One extends Asked ? Omit<One, 'ref'> : never) : never;

const PAUSES_MS = [100, 500, 1000, 1500];
const SILENT_MS = 5000; // the server says something every 2 s
const CONNECT_MS = 2500;

/** The WebSocket to /desk/socket; after a break it connects again, sooner at first. */
export class Line {
  #socket: WebSocket | null = null;
  #waiting = new Map<number, { done: (made: string) => void; refused: (trouble: Trouble) => void }>();
  #ref = 0;
  #breaks = 0;
  #closed = false;
  #silence = 0;
  #pause = 0;

  constructor(
    private readonly hear: (told: Told) => void,
    private readonly changed: (connected: boolean) => void,
  ) {
    this.#connect();
    window.addEventListener('online', this.#again);
    window.addEventListener('offline', this.#cut);
  }

  /** Gives what was made by it, for people; or ''. */
  ask(wish: Wish): Promise<string> {
    const ref = ++this.#ref;
    return new Promise((done, failed) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) return failed(new Refused({ error: 'away' }));
      this.#waiting.set(ref, { done, refused: (trouble) => failed(new Refused(trouble)) });
      this.#socket.send(JSON.stringify({ ...wish, ref }));
    });
  }

  close(): void {
    this.#closed = true;
    window.removeEventListener('online', this.#again);
    window.removeEventListener('offline', this.#cut);
    window.clearTimeout(this.#silence);
    this.#socket?.close();
  }

  /** The way is there again, says the browser: no pause. */
  #again = (): void => {
    if (!this.#pause) return;
    window.clearTimeout(this.#pause);
    this.#connect();
  };

  /** Nothing comes any more: a browser may wait for minutes before it says so. */
  #cut = (): void => {
    const socket = this.#socket;
    if (!socket) return;
    socket.onclose = socket.onmessage = socket.onopen = null;
    socket.close();
    this.#gone();
  };

  #listen(within: number): void {
    window.clearTimeout(this.#silence);
    this.#silence = window.setTimeout(this.#cut, within);
  }

  #connect(): void {
    const socket = new WebSocket(new URL('/desk/socket', location.href.replace(/^http/, 'ws')));
    this.#socket = socket;
    this.#pause = 0;
    this.#listen(CONNECT_MS);
    socket.onopen = () => {
      this.#breaks = 0;
      this.#listen(SILENT_MS);
      this.changed(true);
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      this.#listen(SILENT_MS);
      this.#heard(JSON.parse(event.data) as Told);
    };
    socket.onclose = () => this.#gone();
  }

  #gone(): void {
    this.#socket = null;
    window.clearTimeout(this.#silence);
    for (const one of this.#waiting.values()) one.refused({ error: 'away' });
    this.#waiting.clear();
    this.changed(false);
    if (this.#closed) return;
    const pause = PAUSES_MS[Math.min(this.#breaks++, PAUSES_MS.length - 1)] ?? 1500;
    this.#pause = window.setTimeout(() => this.#closed || this.#connect(), pause * (0.75 + Math.random() / 2));
  }

  #heard(told: Told): void {
    if (told.tell === 'done') return this.#answered(told.ref)?.done(told.made);
    if (told.tell === 'refused') return this.#answered(told.ref)?.refused({ error: told.error });
    if (told.tell === 'bye') this.#closed = true;
    this.hear(told);
  }

  #answered(ref: number) {
    const one = this.#waiting.get(ref);
    this.#waiting.delete(ref);
    return one;
  }
}
