// What is read of the history beside one's own call. Every text in it came from outside and is shown as text.

import { http } from './server';
import type { Case, Contact, Known, Note, PromiseMade } from './story';

export interface PersonData extends Known {
  id: number;
  since: number;
  contacts: (Contact & { notes: Note[]; number: string; case_id: string | null; relation: string | null })[];
  cases: (Case & { closed_at: number | null; author: string })[];
  promises: (PromiseMade & { author: string })[];
  decisions: { at: number; change: string; call: string | null; number: string | null; author: string; reason: string }[];
}
export interface Hit {
  kind: 'person' | 'case' | 'note' | 'contact';
  id: string;
  person_id: number | null;
  person: string;
  how: 'number' | 'name' | 'case' | 'note';
  title: string;
  number: string;
  at: number | null;
}
export interface Readings {
  rows: { at: number; reader: string; what: string; person: string; name: string | null; call: string }[];
  unusual: { what: string; reader: string; person: string; count: number }[];
}
export interface OwnDayData {
  answered: number;
  handled: number;
  talk_ms: number;
  wrap_up_ms: number;
  not_accepted: number;
  pauses: number;
  pause_ms: number;
}

export const readPerson = (key: string, id: number, call: string) =>
  http<PersonData>('POST', '/api/person', { key, id, call });
export const lookFor = (text: string) => http<{ hits: Hit[] }>('POST', '/api/search', { text });
export const readReadings = (reader: string, person: string, before: number | null) =>
  http<Readings>('POST', '/api/audit', { reader, person, before });
export const readDay = () => http<OwnDayData>('POST', '/api/day', {});

export interface AccountData {
  account: string;
  name: string;
  roles: string[];
  agent: string | null;
  language: string;
  barred: boolean;
}
export type ChangedAccount = Partial<AccountData> & { password?: string; ended?: number };

export const readAccounts = () => http<{ accounts: AccountData[] }>('POST', '/api/accounts', {});
export const addAccount = (wish: Omit<AccountData, 'barred'>) =>
  http<ChangedAccount>('POST', '/api/accounts/add', wish);
export const changeAccount = (wish: {
  account: string;
  roles?: string[];
  barred?: boolean;
  password?: true;
  sign_out?: true;
}) => http<ChangedAccount>('POST', '/api/accounts/change', wish);
