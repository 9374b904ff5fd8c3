// The phone in the page: JsSIP over our own server. It rings, answers, mutes, holds and sends tones; whom it rings for is
// the house's decision alone.

import JsSIP from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession';
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

let agent: JsSIP.UA | null = null;
let session: RTCSession | null = null;
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
    agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(at.href)],
      uri: `sip:${user}@${location.hostname}`,
      password,
      register_expires: 120,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
    });
  } catch (error) {
    phoneState.value = 'off';
    throw error;
  }
  agent.on('registered', () => (phoneState.value = 'ready'));
  agent.on('unregistered', () => (phoneState.value = 'lost'));
  agent.on('disconnected', () => (phoneState.value = 'lost'));
  agent.on('registrationFailed', () => void renew());
  agent.on('newRTCSession', ({ session: one, originator }: { session: RTCSession; originator: string }) => {
    if (originator === 'remote') ring(one);
  });
  agent.start();
}

/** The password was given for a session that has ended, or for another page: ask for a new one. */
async function renew(): Promise<void> {
  phoneState.value = 'lost';
  stopPhone();
  await new Promise((later) => setTimeout(later, 2000));
  await startPhone().catch(() => undefined);
}

export function stopPhone(): void {
  agent?.stop();
  agent = null;
  phoneState.value = 'off';
}

function ring(one: RTCSession): void {
  if (session) {
    one.terminate({ status_code: 486 });
    return;
  }
  session = one;
  talk.value = 'ringing';
  one.on('confirmed', () => {
    talk.value = 'talking';
    watching = window.setInterval(() => void look(), QUALITY_EVERY_MS);
  });
  one.on('hold', () => (talk.value = 'hold'));
  one.on('unhold', () => (talk.value = 'talking'));
  one.on('peerconnection', ({ peerconnection }: { peerconnection: RTCPeerConnection }) => hearOn(peerconnection));
  one.on('ended', over);
  one.on('failed', over);
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

export function answer(): void {
  if (talk.value !== 'ringing') return;
  session?.answer({
    mediaConstraints: { audio: wantedAudio(), video: false },
    pcConfig: { iceServers: [] },
  });
  if (session?.connection) hearOn(session.connection);
}

export function hangUp(): void {
  session?.terminate();
}

/** The caller is in other hands: the house ends this conversation, or has ended it already. */
export function letGo(): void {
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
