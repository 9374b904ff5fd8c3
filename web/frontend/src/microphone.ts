// Listening to the microphone for a test: how loud it is, and a few seconds of it to be heard again.

import { devices, sendTo, wantedAudio } from './devices';

export const SECONDS = 3;
const SILENT = 0.01; // of full scale: what a muted or dead microphone stays below

/** Opens the microphone; `level` is told ten times a second, 0 to 1. Plays back what was said, and gives whether there
 * was anything. Rejects where the browser gives no microphone. */
export async function tryMicrophone(
  level: (now: number) => void,
  phase: (now: 'recording' | 'playing') => void,
): Promise<boolean> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: wantedAudio() });
  const context = new AudioContext();
  try {
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let loudest = 0;
    const watching = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const now = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      loudest = Math.max(loudest, now);
      level(Math.min(1, now));
    }, 100);
    phase('recording');
    const recorded = await record(stream).finally(() => clearInterval(watching));
    level(0);
    phase('playing');
    await sendTo(context, devices.value.speaker);
    await play(context, recorded);
    return loudest > SILENT;
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    await context.close();
  }
}

function record(stream: MediaStream): Promise<Blob> {
  return new Promise((done, failed) => {
    const recorder = new MediaRecorder(stream);
    const pieces: Blob[] = [];
    recorder.ondataavailable = (event) => pieces.push(event.data);
    recorder.onstop = () => done(new Blob(pieces, { type: recorder.mimeType }));
    recorder.onerror = () => failed(new Error('the microphone was lost'));
    recorder.start();
    setTimeout(() => recorder.state !== 'inactive' && recorder.stop(), SECONDS * 1_000);
  });
}

async function play(context: AudioContext, recorded: Blob): Promise<void> {
  const source = context.createBufferSource();
  const gain = context.createGain();
  gain.gain.value = devices.value.volume;
  source.buffer = await context.decodeAudioData(await recorded.arrayBuffer());
  source.connect(gain).connect(context.destination);
  await new Promise((done) => {
    source.onended = done;
    source.start();
  });
}

/** Microphones and speakers, with names once the browser was allowed to use one. */
export async function found(kind: 'audioinput' | 'audiooutput'): Promise<MediaDeviceInfo[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((one) => one.kind === kind && one.deviceId && one.deviceId !== 'default');
}
