// The call in hand: answer, hold, mute, keys; the note, what came of it, the wrap-up.

import { useSignal } from '@preact/signals';
import { ask, live, now, state } from './state';
import { muted, quality, talk } from './phone';
import * as phone from './phone';
import { Coding } from './Coding';
import { Note } from './Note';
import type { Pop } from './messages';
import { Move } from './Move';
import { duration, t, titled } from './texts';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

export function Call({ pop }: { pop: Pop }) {
  return (
    <section class={`call ${live.value ? 'live' : 'over'}`} aria-label={t('caller')}>
      <h2>
        {pop.name || pop.number || t('withheld')} <small>{pop.name && pop.number}</small>
      </h2>
      <p>
        {titled(pop.title, pop.queue)} · {t('waited')} {duration(pop.waited_ms)} · {pop.language}
      </p>
      <Controls />
      <Move pop={pop} />
      {state.value?.state === 'wrap_up' && <WrapUp />}
      <Note pop={pop} />
      <Coding pop={pop} />
    </section>
  );
}

function Controls() {
  const keypad = useSignal(false);
  const held = talk.value === 'hold';

  async function hold() {
    await phone.hold(!held);
    await ask({ do: 'hold', held: !held });
  }

  if (talk.value === 'none') return null;
  if (talk.value === 'ringing')
    return (
      <div class="controls">
        <button class="main answer" aria-keyshortcuts="Space" onClick={phone.answer}>
          {t('answer')} <kbd>␣</kbd>
        </button>
      </div>
    );
  return (
    <div class="controls">
      <button aria-pressed={held} aria-keyshortcuts="h" onClick={() => void hold()}>
        {t(held ? 'take_back' : 'do_hold')}
      </button>
      <button aria-pressed={muted.value} aria-keyshortcuts="m" onClick={() => phone.mute(!muted.value)}>
        {t(muted.value ? 'unmute' : 'mute')}
      </button>
      <button aria-expanded={keypad.value} aria-keyshortcuts="k" onClick={() => (keypad.value = !keypad.value)}>
        {t('keypad')}
      </button>
      <button class="danger" aria-keyshortcuts="Shift+X" onClick={phone.hangUp}>
        {t('hang_up')}
      </button>
      {quality.value && (
        <span class={poor() ? 'quality poor' : 'quality'}>
          {t('quality', { p: Math.round(quality.value.lost * 100), j: quality.value.jitterMs })}
        </span>
      )}
      {keypad.value && (
        <div class="keypad" role="group" aria-label={t('keypad')}>
          {KEYS.map((key) => (
            <button key={key} onClick={() => phone.tone(key)}>
              {key}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Above this, people ask each other to repeat (ITU-T G.113 and G.114 plan for 1 to 3 % loss). */
function poor(): boolean {
  return quality.value !== null && (quality.value.lost > 0.03 || quality.value.jitterMs > 50);
}

function WrapUp() {
  const until = state.value?.wrap_up_until ?? 0;
  return (
    <div class="controls">
      <button class="main" aria-keyshortcuts="f" onClick={() => void ask({ do: 'finish' })}>
        {t('finish')}
      </button>
      {until > 0 && (
        <>
          <button aria-keyshortcuts="e" onClick={() => void ask({ do: 'more_time', ms: 60_000 })}>{t('more_time')}</button>
          <span class="timer">{duration(until - now.value)}</span>
        </>
      )}
    </div>
  );
}
