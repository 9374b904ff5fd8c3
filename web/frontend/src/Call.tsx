// The call in hand: answer, hold, mute, keys; the note, what came of it, the wrap-up.

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { ask, connected, live, me, now, state } from './state';
import { muted, quality, talk } from './phone';
import * as phone from './phone';
import type { Pop } from './messages';
import { duration, t, titled } from './texts';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];
const SAVE_AFTER_MS = 400;

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
        <button class="main answer" onClick={phone.answer}>
          {t('answer')} <kbd>␣</kbd>
        </button>
      </div>
    );
  return (
    <div class="controls">
      <button aria-pressed={held} onClick={() => void hold()}>
        {t(held ? 'take_back' : 'do_hold')}
      </button>
      <button aria-pressed={muted.value} onClick={() => phone.mute(!muted.value)}>
        {t(muted.value ? 'unmute' : 'mute')}
      </button>
      <button aria-expanded={keypad.value} onClick={() => (keypad.value = !keypad.value)}>
        {t('keypad')}
      </button>
      <button class="danger" onClick={phone.hangUp}>
        {t('hang_up')}
      </button>
      {quality.value && (
        <span class="quality">
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

function WrapUp() {
  const until = state.value?.wrap_up_until ?? 0;
  return (
    <div class="controls">
      <button class="main" onClick={() => void ask({ do: 'finish' })}>
        {t('finish')}
      </button>
      {until > 0 && (
        <>
          <button onClick={() => void ask({ do: 'more_time', ms: 60_000 })}>{t('more_time')}</button>
          <span class="timer">{duration(until - now.value)}</span>
        </>
      )}
    </div>
  );
}

/** Kept in this browser at each key, and sent a moment after the last: nothing written is lost by a crash. */
function Note({ pop }: { pop: Pop }) {
  const kept = `note:${pop.call}`;
  const text = useSignal(localStorage.getItem(kept) ?? '');
  const saved = useSignal(!localStorage.getItem(kept));

  useEffect(() => {
    text.value = localStorage.getItem(kept) ?? '';
    saved.value = !localStorage.getItem(kept);
  }, [pop.call, connected.value]);

  useEffect(() => {
    if (saved.value) return;
    const sent = text.value;
    const later = setTimeout(async () => {
      const done = await ask({ do: 'note', call: pop.call, text: sent });
      if (!done || text.value !== sent) return;
      saved.value = true;
      localStorage.removeItem(kept);
    }, SAVE_AFTER_MS);
    return () => clearTimeout(later);
  }, [text.value, saved.value]);

  return (
    <label class="note">
      {t('note')}
      <textarea
        rows={6}
        maxLength={20_000}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          saved.value = false;
          localStorage.setItem(kept, text.value);
        }}
      />
      <small>{text.value && t(saved.value ? 'note_saved' : 'note_unsaved')}</small>
    </label>
  );
}

function Coding({ pop }: { pop: Pop }) {
  const coded = useSignal(false);
  useEffect(() => {
    coded.value = false;
  }, [pop.call]);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const settled = form.get('settled') === 'on';
    const [code, topic] = [String(form.get('code') ?? ''), String(form.get('topic') ?? '')];
    coded.value = await ask({ do: 'code', call: pop.call, code, topic, settled });
  }

  return (
    <form class="coding" onSubmit={submit} onInput={() => (coded.value = false)}>
      <label>
        {t('topic')}
        <input name="topic" list="topics" maxLength={80} />
        <datalist id="topics">{me.value?.topics.map((topic) => <option key={topic} value={topic} />)}</datalist>
      </label>
      <label>
        {t('outcome')}
        <select name="code" required>
          <option value=""></option>
          {me.value?.codes.map((code) => <option key={code}>{code}</option>)}
        </select>
      </label>
      <label class="check">
        <input type="checkbox" name="settled" /> {t('settled')}
      </label>
      <button>{t('code')}</button>
      <span role="status">{coded.value && t('coded')}</span>
    </form>
  );
}
