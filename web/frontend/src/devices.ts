// Which microphone and speaker, how loud, whether to ring and to answer by itself: each agent's own, kept in this
// browser.

import { signal } from '@preact/signals';

export interface Devices {
  microphone: string; // a device's id; '': the system's
  speaker: string;
  volume: number; // 0 to 1
  ring: boolean;
  auto: boolean; // answers by itself, after a tone
  desk: boolean; // the calls come to a telephone on the desk, and not to the page
  tested: boolean; // the microphone was heard once
}

const USUAL: Devices = { microphone: '', speaker: '', volume: 1, ring: true, auto: false, desk: false, tested: false };

export const devices = signal<Devices>(USUAL);
let account = '';

export function loadDevices(whose: string): void {
  account = whose;
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(`devices:${account}`) ?? '{}');
    devices.value = { ...USUAL, ...(kept as Partial<Devices>) };
  } catch {
    devices.value = USUAL;
  }
}

export function choose(change: Partial<Devices>): void {
  devices.value = { ...devices.value, ...change };
  localStorage.setItem(`devices:${account}`, JSON.stringify(devices.value));
}

/** What the browser is asked for. A microphone that was unplugged is replaced by another one. */
export function wantedAudio(): MediaTrackConstraints {
  const { microphone } = devices.value;
  return { echoCancellation: true, noiseSuppression: true, ...(microphone ? { deviceId: { ideal: microphone } } : {}) };
}

/** Sound goes where it was chosen to go; where that is gone, to the system's. */
export async function sendTo(sound: HTMLAudioElement | AudioContext, speaker: string): Promise<void> {
  const able = sound as { setSinkId?: (id: string) => Promise<void> };
  await able.setSinkId?.(speaker).catch(() => able.setSinkId?.(''));
}
