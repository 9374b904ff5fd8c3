// Microphone, headset and ringing: chosen and tried before the first call.

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { choose, devices } from './devices';
import { found, SECONDS, tryMicrophone } from './microphone';
import { startPhone, stopPhone } from './phone';
import { Reading } from './Reading';
import { trouble } from './state';
import { t, type TextName } from './texts';

type Phase = 'idle' | 'recording' | 'playing';

export function DevicesPage() {
  const inputs = useSignal<MediaDeviceInfo[]>([]);
  const outputs = useSignal<MediaDeviceInfo[]>([]);
  const look = () =>
    void Promise.all([found('audioinput'), found('audiooutput')]).then(([microphones, speakers]) => {
      inputs.value = microphones;
      outputs.value = speakers;
    });
  useEffect(() => {
    look();
    navigator.mediaDevices.addEventListener('devicechange', look);
    return () => navigator.mediaDevices.removeEventListener('devicechange', look);
  }, []);

  return (
    <Reading title={t('devices_title')}>
      <form class="devices" onSubmit={(event) => event.preventDefault()}>
        <Choice name="microphone" all={inputs.value} />
        <Choice name="speaker" all={outputs.value} />
        <label>
          {t('volume')}
          <input
            type="range"
            min="0"
            max="1"
            step="0.05"
            value={devices.value.volume}
            onInput={(event) => choose({ volume: Number(event.currentTarget.value) })}
          />
        </label>
        <Test tried={look} />
        <Check name="ring" text="ringing_sound" />
        <Check name="auto" text="auto_answer" />
        <Check name="desk" text="desk_phone" changed={changePhone} />
      </form>
    </Reading>
  );
}

function Choice({ name, all }: { name: 'microphone' | 'speaker'; all: MediaDeviceInfo[] }) {
  return (
    <label>
      {t(name)}
      <select
        name={name}
        value={devices.value[name]}
        onChange={(event) => choose({ [name]: event.currentTarget.value, ...(name === 'microphone' && { tested: false }) })}
      >
        <option value="">{t('by_default')}</option>
        {all.map((one, place) => (
          <option key={one.deviceId} value={one.deviceId}>
            {one.label || `${t(name)} ${place + 1}`}
          </option>
        ))}
      </select>
    </label>
  );
}

function changePhone(desk: boolean): void {
  if (desk) stopPhone();
  else void startPhone().catch(() => (trouble.value = 'no_phone'));
}

interface Box {
  name: 'ring' | 'auto' | 'desk';
  text: TextName;
  changed?: (on: boolean) => void;
}

function Check({ name, text, changed }: Box) {
  return (
    <label class="check">
      <input
        type="checkbox"
        name={name}
        checked={devices.value[name]}
        onChange={(event) => {
          choose({ [name]: event.currentTarget.checked });
          changed?.(event.currentTarget.checked);
        }}
      />
      {t(text)}
    </label>
  );
}

function Test({ tried }: { tried: () => void }) {
  const phase = useSignal<Phase>('idle');
  const level = useSignal(0);
  const told = useSignal<TextName | null>(null);

  async function test() {
    told.value = null;
    try {
      const heard = await tryMicrophone(
        (now) => (level.value = now),
        (now) => (phase.value = now),
      );
      choose({ tested: heard });
      told.value = heard ? 'test_heard' : 'test_silent';
    } catch {
      told.value = 'test_refused';
    } finally {
      phase.value = 'idle';
      tried();
    }
  }

  const doing = { idle: '', recording: t('test_recording', { n: SECONDS }), playing: t('test_playing') };
  return (
    <div class="test">
      <button type="button" class="main" disabled={phase.value !== 'idle'} onClick={() => void test()}>
        {t('test_start')}
      </button>
      <label>
        {t('level')}
        <meter min={0} max={1} low={0.02} high={0.95} optimum={0.4} value={level.value} />
      </label>
      <p role="status">{doing[phase.value] || (told.value && t(told.value))}</p>
    </div>
  );
}
