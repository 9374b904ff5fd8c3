// The phone in the page: JsSIP over our own server. It rings, answers, mutes, holds and sends tones; whom it rings for is
// the house's decision alone.

import JsSIP from 'jssip';
import type { EndEvent, RTCSession } from 'jssip/lib/RTCSession';
import type { IncomingRequest } from 'jssip/lib/SIPMessage';
import { effect, signal } from '@preact/signals';
import { devices, sendTo, wantedAudio } from './devices';
import { phoneCredentials } from './server';

export type PhoneState = 'off' | 'connecting' | 'ready' | 'lost';
export type Talk = 'none' | 'ringing' | 'talking' | 'hold';

export const phoneState = signal<PhoneState>('off');
export const talk = signal<Talk>('none');
export const muted = signal(false);
export const quality = signal<{ lost: number; jitterMs: number } | null>(null);

const QUALITY_EVERY_MS = 5000;
const RENEW_MS = 1000;

const ICE_IS_WELL = ['connected', 'completed', 'checking', 'new'];
const LOST = 'cause=44'; // in a Reason header: no sound came from here any more (telephony/asterisk/ringing.py)

let agent: JsSIP.UA | null = null;
let way: JsSIP.WebSocketInterface | null = null;
let isCut = false; // the way to the house broke since the last registration
let session: RTCSession | null = null;
let answered: RTCSession | null = null;
let watching = 0;
const sound = new Audio();
sound.id = 'caller';
sound.autoplay = true;
document.body.append(sound);
effect(() => {
  sound.volume = devices.value.volume;
  void sendTo(sound, devices.value.speaker);
});

/** Register; again after a break. Rejects where the browser gives no microphone or the server no phone. */
export async function startPhone(): Promise<void> {
  if (agent) return;
  phoneState.value = 'connecting';
  try {
    const { user, password } = await phoneCredentials();
    const at = new URL('/phone', location.href.replace(/^http/, 'ws'));
    way = new JsSIP.WebSocketInterface(at.href);
    agent = new JsSIP.UA({
      sockets: [way],
      uri: `sip:${user}@${location.hostname}`,
      password,
      register_expires: 120,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 2,
    });
  } catch (error) {
    phoneState.value = 'off';
    throw error;
  }
  agent.on('registered', registered);
  agent.on('unregistered', () => (phoneState.value = 'lost'));
  agent.on('disconnected', () => {
    phoneState.value = 'lost';
    isCut = true;
  });
  agent.on('registrationFailed', () => void renew());
  agent.on('newRTCSession', ({ session: one, originator }: { session: RTCSession; originator: string }) => {
    if (originator === 'remote') ring(one);
  });
  agent.start();
}

/** Asterisk knows by which way a conversation in course is reached from now on; one that it knows no more ends here. */
function registered(): void {
  phoneState.value = 'ready';
  if (isCut && session?.isEstablished()) session.renegotiate();
  isCut = false;
}

/** The password was given for a session that has ended, or for another page, or nobody answered: try again with a new
    one. A conversation goes on meanwhile. */
async function renew(): Promise<void> {
  phoneState.value = 'lost';
  await new Promise((later) => setTimeout(later, RENEW_MS));
  try {
    const { password } = await phoneCredentials();
    agent?.set('password', password);
  } catch {
    // the way to the house is broken: what was given before may do
  }
  if (agent?.isConnected()) agent.register();
}

/** The way to the house was cut, which the browser may find out much later: take a new one now. */
export function reachAgain(): void {
  if (!agent || !way) return;
  way.disconnect();
  way.ondisconnect(true);
}

/** The page goes: the house holds the caller, and offers them to whoever comes back. */
export function leavePhone(): void {
  if (talk.value !== 'none') navigator.sendBeacon('/api/phone/gone');
}

export function stopPhone(): void {
  agent?.stop();
  agent = way = null;
  phoneState.value = 'off';
}

function ring(one: RTCSession): void {
  if (session && ICE_IS_WELL.includes(session.connection?.iceConnectionState ?? 'new')) {
    one.terminate({ status_code: 486 });
    return;
  }
  if (session) over(); // the house has lost it, and could not say so
  session = one;
  talk.value = 'ringing';
  ringsFor(ringingFor);
  one.on('confirmed', () => {
    talk.value = 'talking';
    remember();
    watching = window.setInterval(() => void look(), QUALITY_EVERY_MS);
  });
  one.on('hold', () => (talk.value = 'hold'));
  one.on('unhold', () => (talk.value = 'talking'));
  one.on('peerconnection', ({ peerconnection }: { peerconnection: RTCPeerConnection }) => hearOn(peerconnection));
  one.on('ended', ({ originator, message }: EndEvent) => {
    const why = originator === 'remote' ? ((message as IncomingRequest | null)?.getHeader('Reason') ?? '') : LOST;
    if (!why.includes(LOST)) forget();
    if (session === one) over();
  });
  one.on('failed', () => session === one && over());
}

function hearOn(connection: RTCPeerConnection): void {
  connection.addEventListener('track', (event) => {
    sound.srcObject = event.streams[0] ?? new MediaStream([event.track]);
    void sound.play().catch(() => undefined);
  });
}

function over(): void {
  window.clearInterval(watching);
  session = null;
  sound.srcObject = null;
  talk.value = 'none';
  muted.value = false;
  quality.value = null;
}

/** The call that the page talked in last, and did not end: where it rings again, it goes on. Known to a page that was
    loaded again, too. */
const TALKED = 'talked';
let ringingFor = '';

/** Which call the phone rings for, as the house says. */
export function ringsFor(call: string): void {
  ringingFor = call;
  if (talk.value === 'ringing' && call && call === sessionStorage.getItem(TALKED)) answer();
}

function remember(): void {
  sessionStorage.setItem(TALKED, ringingFor);
}

function forget(): void {
  sessionStorage.removeItem(TALKED);
}

export function answer(): void {
  if (talk.value !== 'ringing' || answered === session) return;
  answered = session;
  session?.answer({
    mediaConstraints: { audio: wantedAudio(), video: false },
    pcConfig: { iceServers: [] },
  });
  if (session?.connection) hearOn(session.connection);
}

export function hangUp(): void {
  forget();
  session?.terminate();
}

/** The caller is in other hands: the house ends this conversation, or has ended it already. */
export function letGo(): void {
  forget();
  if (session && !session.isEnded()) session.terminate();
}

export function mute(on: boolean): void {
  if (on) session?.mute({ audio: true });
  else session?.unmute({ audio: true });
  muted.value = on;
}

/** Resolves when the other side has been told. */
export function hold(on: boolean): Promise<void> {
  return new Promise((done, failed) => {
    const asked = on ? session?.hold({}, done) : session?.unhold({}, done);
    if (!asked) failed(new Error('no call'));
  });
}

export function tone(key: string): void {
  session?.sendDTMF(key);
}

async function look(): Promise<void> {
  const stats = await session?.connection?.getStats();
  stats?.forEach((one: { type: string; packetsLost?: number; packetsReceived?: number; jitter?: number }) => {
    if (one.type !== 'inbound-rtp') return;
    const lost = one.packetsLost ?? 0;
    const all = lost + (one.packetsReceived ?? 0);
    quality.value = { lost: all ? lost / all : 0, jitterMs: Math.round((one.jitter ?? 0) * 1000) };
  });
}
