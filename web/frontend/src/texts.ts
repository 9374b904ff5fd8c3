// Every word of the page, in every language; and how times and durations are written.

import { signal } from '@preact/signals';
import { MOVE_EN, MOVE_FR } from './move-texts';
import { ACCOUNTS } from './texts/accounts';
import { DEVICES } from './texts/devices';
import { KEYS } from './texts/keys';
import { MATTERS } from './texts/matters';
import { READING } from './texts/reading';

export type Language = 'fr' | 'en';
export const language = signal<Language>(navigator.language.startsWith('en') ? 'en' : 'fr');

const FR = {
  ...MOVE_FR,
  ...MATTERS.fr,
  ...READING.fr,
  ...DEVICES.fr,
  ...KEYS.fr,
  ...ACCOUNTS.fr,
  sign_in: 'Se connecter',
  sign_in_oidc: 'Se connecter par le service d’identité',
  account: 'Compte',
  password: 'Mot de passe',
  sign_out: 'Se déconnecter',
  wrong: 'Le compte et le mot de passe ne vont pas ensemble.',
  too_many: 'Trop d’essais : attendez {s} secondes.',
  available: 'Disponible',
  pause: 'Pause',
  paused: 'En pause',
  offline: 'Absent',
  idle: 'Disponible',
  offered: 'Un appel arrive',
  ringing: 'Ça sonne',
  talking: 'En conversation',
  hold: 'En attente',
  wrap_up: 'Fin de dossier',
  not_responding: 'Ne répond pas : cliquez pour revenir',
  come_back: 'Je suis là',
  answer: 'Répondre',
  hang_up: 'Raccrocher',
  do_hold: 'Mettre en attente',
  take_back: 'Reprendre',
  mute: 'Couper le micro',
  unmute: 'Rétablir le micro',
  keypad: 'Clavier',
  finish: 'Terminer',
  more_time: 'Encore 1 min',
  note: 'Note',
  note_saved: 'Enregistrée',
  note_unsaved: 'Pas encore enregistrée',
  outcome: 'Suite donnée',
  topic: 'Sujet',
  settled: 'L’affaire est réglée',
  code: 'Enregistrer la suite',
  coded: 'Suite enregistrée',
  queues: 'Files d’attente',
  queue: 'File',
  waiting: 'Attente',
  longest: 'Plus longue',
  ready: 'Prêts',
  caller: 'Appelant',
  withheld: 'Numéro masqué',
  waited: 'A attendu',
  why: 'Pourquoi vous',
  path: 'Dans cet appel',
  guide: 'Guide',
  contacts: 'Derniers contacts',
  no_contacts: 'Premier contact connu.',
  cases: 'Dossiers ouverts',
  promises: 'Promesses',
  today: 'Aujourd’hui',
  no_call: 'Aucun appel. La file vous en proposera un dès que vous êtes disponible.',
  phone_ready: 'Téléphone prêt',
  phone_off: 'Téléphone arrêté',
  phone_connecting: 'Le téléphone se connecte',
  phone_lost: 'Téléphone déconnecté : nouvel essai',
  no_phone: 'Le téléphone de la page ne se connecte pas : utilisez votre poste.',
  lost: 'Le serveur ne répond pas. Nouvel essai…',
  quality: 'Perte {p} %, gigue {j} ms',
  language_name: 'English',
  reason: 'Motif de la pause',
  error_away: 'Le serveur ne répond pas : réessayez.',
  error_not_now: 'Ce n’est pas possible maintenant.',
  error_forbidden: 'Vous n’avez pas le droit de faire cela.',
  error_unreadable: 'Le serveur n’a pas compris.',
  error_failed: 'Cela n’a pas marché : réessayez.',
  no_story: 'L’historique ne répond pas : l’appel est montré seul.',
  unknown: 'Personne inconnue',
  sure: 'Identité : {how}',
  agent: 'Agent',
  agents: 'Agents',
  state: 'Activité',
  since: 'Depuis',
  calls: 'Appels',
  steer: 'Agir',
  silent: 'Ne répond pas',
  phone_busy: 'Téléphone occupé',
  phone_none: 'Sans téléphone',
  log_out: 'Déconnecter',
  in_line: 'Dans la file',
  nobody_waits: 'Personne n’attend.',
  front: 'En tête',
  move: 'Déplacer vers',
  closed: 'Fermée',
  close: 'Fermer',
  open: 'Ouvrir',
  from_queue: 'File',
  when: 'Quand',
  came_out: 'Suite',
  others: 'Autres personnes à ce numéro',
  until: 'jusqu’au {when}',
  anyone: 'Tout agent de la file peut répondre.',
  skill: '{name} : demandé {asked}, vous {has}',
  widened: 'élargi {n} fois',
  heard: 'Ce qui a été entendu',
  nothing_pressed: 'Aucune touche pressée.',
};

export type TextName = keyof typeof FR;

const EN: Record<TextName, string> = {
  ...MOVE_EN,
  ...MATTERS.en,
  ...READING.en,
  ...DEVICES.en,
  ...KEYS.en,
  ...ACCOUNTS.en,
  sign_in: 'Sign in',
  sign_in_oidc: 'Sign in by the identity service',
  account: 'Account',
  password: 'Password',
  sign_out: 'Sign out',
  wrong: 'The account and the password do not go together.',
  too_many: 'Too many tries: wait {s} seconds.',
  available: 'Available',
  pause: 'Pause',
  paused: 'Paused',
  offline: 'Away',
  idle: 'Available',
  offered: 'A call is coming',
  ringing: 'Ringing',
  talking: 'Talking',
  hold: 'On hold',
  wrap_up: 'Wrap-up',
  not_responding: 'Not responding: click to come back',
  come_back: 'I am here',
  answer: 'Answer',
  hang_up: 'Hang up',
  do_hold: 'Hold',
  take_back: 'Take back',
  mute: 'Mute',
  unmute: 'Unmute',
  keypad: 'Keypad',
  finish: 'Finish',
  more_time: '1 min more',
  note: 'Note',
  note_saved: 'Saved',
  note_unsaved: 'Not saved yet',
  outcome: 'Outcome',
  topic: 'Topic',
  settled: 'The matter is settled',
  code: 'Save the outcome',
  coded: 'Outcome saved',
  queues: 'Queues',
  queue: 'Queue',
  waiting: 'Waiting',
  longest: 'Longest',
  ready: 'Ready',
  caller: 'Caller',
  withheld: 'Number withheld',
  waited: 'Waited',
  why: 'Why you',
  path: 'In this call',
  guide: 'Guide',
  contacts: 'Last contacts',
  no_contacts: 'No earlier contact is known.',
  cases: 'Open cases',
  promises: 'Promises',
  today: 'Today',
  no_call: 'No call. The queue will offer you one as soon as you are available.',
  phone_ready: 'Phone ready',
  phone_off: 'Phone off',
  phone_connecting: 'The phone connects',
  phone_lost: 'Phone disconnected: trying again',
  no_phone: 'The phone in the page does not connect: use your desk phone.',
  lost: 'The server does not answer. Trying again…',
  quality: 'Loss {p} %, jitter {j} ms',
  language_name: 'Français',
  reason: 'Reason for the pause',
  error_away: 'The server does not answer: try again.',
  error_not_now: 'That is not possible now.',
  error_forbidden: 'You may not do that.',
  error_unreadable: 'The server did not understand.',
  error_failed: 'That did not work: try again.',
  no_story: 'The history does not answer: the call is shown alone.',
  unknown: 'Unknown person',
  sure: 'Identity: {how}',
  agent: 'Agent',
  agents: 'Agents',
  state: 'Doing',
  since: 'For',
  calls: 'Calls',
  steer: 'Act',
  silent: 'Not responding',
  phone_busy: 'Phone busy',
  phone_none: 'No phone',
  log_out: 'Log out',
  in_line: 'In line',
  nobody_waits: 'Nobody waits.',
  front: 'To the front',
  move: 'Move to',
  closed: 'Closed',
  close: 'Close',
  open: 'Open',
  from_queue: 'Queue',
  when: 'When',
  came_out: 'Outcome',
  others: 'Others at this number',
  until: 'until {when}',
  anyone: 'Any agent of the queue may answer.',
  skill: '{name}: asked {asked}, you {has}',
  widened: 'widened {n} times',
  heard: 'What was heard',
  nothing_pressed: 'No key was pressed.',
};

const TEXTS: Record<Language, Record<TextName, string>> = { fr: FR, en: EN };

export function t(name: TextName, values: Record<string, string | number> = {}): string {
  const text = TEXTS[language.value][name] ?? name;
  return text.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ''));
}

const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' };

/** `1:05`, `1:02:03`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

export function moment(ms: number): string {
  return new Intl.DateTimeFormat(LOCALES[language.value], { dateStyle: 'short', timeStyle: 'short' }).format(ms);
}

/** A title given by language. */
export function titled(title: Record<string, string>, otherwise: string): string {
  return title[language.value] ?? Object.values(title)[0] ?? otherwise;
}

/** As a day alone. */
export function day(ms: number): string {
  return new Intl.DateTimeFormat(LOCALES[language.value], { dateStyle: 'medium' }).format(ms);
}

/** `12 34 56 78 90`: as it is said. */
export function paired(number: string): string {
  return number.replace(/(..)(?=.)/g, '$1 ');
}

/** The word for something that the server names, or the name itself where there is none. */
export function word(kind: string, name: string): string {
  const key = `${kind}_${name}`;
  return key in FR ? t(key as TextName) : name;
}
