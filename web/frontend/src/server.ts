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

const PAUSES_MS = [250, 500, 1000, 2000, 4000];

/** The WebSocket to /desk/socket; after a break it connects again, sooner at first. */
export class Line {
  #socket: WebSocket | null = null;
  #waiting = new Map<number, { done: (made: string) => void; refused: (trouble: Trouble) => void }>();
  #ref = 0;
  #breaks = 0;
  #closed = false;

  constructor(
    private readonly hear: (told: Told) => void,
    private readonly changed: (connected: boolean) => void,
  ) {
    this.#connect();
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
    this.#socket?.close();
  }

  #connect(): void {
    const socket = new WebSocket(new URL('/desk/socket', location.href.replace(/^http/, 'ws')));
    this.#socket = socket;
    socket.onopen = () => {
      this.#breaks = 0;
      this.changed(true);
    };
    socket.onmessage = (event: MessageEvent<string>) => this.#heard(JSON.parse(event.data) as Told);
    socket.onclose = () => {
      for (const one of this.#waiting.values()) one.refused({ error: 'away' });
      this.#waiting.clear();
      this.changed(false);
      if (this.#closed) return;
      const pause = PAUSES_MS[Math.min(this.#breaks++, PAUSES_MS.length - 1)] ?? 4000;
      setTimeout(() => this.#closed || this.#connect(), pause * (0.75 + Math.random() / 2));
    };
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
