// What the page knows, as signals: what the server told, and nothing made up here.

import { batch, computed, signal } from '@preact/signals';
import { Line, Refused, signIn, signOut, whoAmI, type Who, type Wish } from './server';
import type { Asking, Board, Me, Parked, Pop, Queues, State, Targets, Told } from './messages';
import { leavePhone, reachAgain, ringsFor, startPhone, stopPhone } from './phone';
import { forget } from './route';
import { devices, loadDevices } from './devices';
import { language, type TextName } from './texts';

export const who = signal<Who | null | undefined>(undefined); // undefined: not known yet
export const me = signal<Me | null>(null);
export const state = signal<State | null>(null);
export const queues = signal<Queues['queues']>([]);
export const board = signal<Board | null>(null); // for those who may watch
export const pop = signal<Pop | null>(null);
export const targets = signal<Targets | null>(null); // to whom a call may be sent, besides the queues
export const asking = signal<Asking | null>(null); // somebody is asked while the caller waits
export const parked = signal<Parked['calls']>([]); // callers whom any colleague may take
export const live = signal(false); // the call of the pop is this agent's now
export const connected = signal(false);
export const ways = signal<string[]>([]); // to sign in, besides a password
export const trouble = signal<TextName | null>(null);
export const tick = signal(Date.now());

const AGAIN_MS = 3000;

let line: Line | null = null;
let ahead = 0; // how far the server's clock is ahead of this one

setInterval(() => (tick.value = Date.now()), 1000);

export const now = computed(() => tick.value + ahead);

function hear(told: Told): void {
  switch (told.tell) {
    case 'me':
      ahead = told.now - Date.now();
      me.value = told;
      break;
    case 'choices':
      if (me.value) me.value = { ...me.value, reasons: told.reasons, codes: told.codes, topics: told.topics };
      break;
    case 'state':
      state.value = told;
      if (told.call !== pop.value?.call) live.value = false; // it ended while nobody could say so
      break;
    case 'queues':
      queues.value = told.queues;
      break;
    case 'board':
      board.value = told;
      break;
    case 'pop':
      batch(() => {
        pop.value = told;
        live.value = true;
      });
      ringsFor(told.call);
      break;
    case 'parked':
      parked.value = told.calls;
      break;
    case 'asking':
      asking.value = told;
      break;
    case 'targets':
      targets.value = told;
      break;
    case 'story':
      if (pop.value?.call === told.call) pop.value = { ...pop.value, story: told.story };
      break;
    case 'gone':
      if (pop.value?.call === told.call) live.value = false;
      break;
    case 'bye':
      leave();
      break;
  }
}

export async function begin(): Promise<void> {
  try {
    const found = await whoAmI();
    trouble.value = null;
    enter(found);
  } catch (error) {
    if (!(error instanceof Refused) || error.trouble.error === 'away') {
      trouble.value = 'lost'; // whoever is signed in stays so: it is not the moment to ask for a password
      setTimeout(() => void begin(), AGAIN_MS);
      return;
    }
    trouble.value = null;
    ways.value = error.trouble.ways ?? [];
    enter(null);
  }
}

export async function come(account: string, password: string): Promise<void> {
  enter(await signIn(account, password));
}

function enter(found: Who | null): void {
  who.value = found;
  if (!found) return;
  language.value = found.language === 'en' ? 'en' : 'fr';
  loadDevices(found.account);
  line = new Line(hear, reached);
  if (found.may.includes('phone') && !devices.value.desk) void startPhone().catch(() => (trouble.value = 'no_phone'));
}

let wasCut = false;
window.addEventListener('pagehide', leavePhone);

function reached(is: boolean): void {
  connected.value = is;
  if (is && wasCut) reachAgain();
  wasCut = !is;
}

export async function go(): Promise<void> {
  await signOut().catch(() => undefined);
  leave();
}

function leave(): void {
  line?.close();
  line = null;
  stopPhone();
  forget();
  batch(() => {
    who.value = null;
    me.value = state.value = pop.value = board.value = null;
    live.value = false;
  });
}

/** Ask the server; what it refuses is shown. Gives whether it was done. */
export async function ask(wish: Wish): Promise<boolean> {
  return (await asked(wish)) !== null;
}

/** The same; gives what was made by it, for people, or '', or null where it was not done. */
export async function asked(wish: Wish): Promise<string | null> {
  return shown(() => line?.ask(wish) ?? Promise.reject(new Refused({ error: 'away' })));
}

/** What the server refuses is shown, and gives null. */
export async function shown<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    const found = await work();
    trouble.value = null;
    return found;
  } catch (error) {
    trouble.value = error instanceof Refused ? (`error_${error.trouble.error}` as TextName) : 'error_away';
    return null;
  }
}
