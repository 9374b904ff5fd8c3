// The sounds that the page makes itself: the ring, and the tone before a call that is answered by itself.

import { effect } from '@preact/signals';
import { devices, sendTo } from './devices';
import { answer, talk } from './phone';

const RING_S = 1.2;
const RING_EVERY_MS = 3_600;
const TONE_S = 0.4;

let context: AudioContext | null = null;

function sound(hertz: number, seconds: number, at = 0): void {
  context ??= new AudioContext();
  void sendTo(context, devices.value.speaker);
  const [source, gain] = [context.createOscillator(), context.createGain()];
  const start = context.currentTime + at;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.2 * devices.value.volume, start + 0.02);
  gain.gain.setValueAtTime(0.2 * devices.value.volume, start + seconds - 0.02);
  gain.gain.linearRampToValueAtTime(0, start + seconds);
  source.frequency.value = hertz;
  source.connect(gain).connect(context.destination);
  source.start(start);
  source.stop(start + seconds);
}

/** Resolves when the agent has heard it. */
export function tone(): Promise<void> {
  sound(880, TONE_S);
  return new Promise((done) => setTimeout(done, TONE_S * 1_500));
}

export function startRinger(): void {
  effect(() => {
    if (talk.value !== 'ringing' || !devices.value.ring || devices.value.auto) return;
    sound(440, RING_S);
    const again = setInterval(() => sound(440, RING_S), RING_EVERY_MS);
    return () => clearInterval(again);
  });
  effect(() => {
    if (talk.value !== 'ringing' || !devices.value.auto) return;
    void tone().then(answer);
  });
}
