// Sending the caller elsewhere: to a colleague, another queue, a service of the directory. All of it by the keyboard, and
// told to whoever does not see it.

import { useEffect, useRef } from 'preact/hooks';
import { signal, useSignal } from '@preact/signals';
import { ask, asking, live, now, parked, queues, state, targets } from './state';
import { talk } from './phone';
import * as phone from './phone';
import type { Asking, Pop } from './messages';
import { duration, t, titled, type TextName } from './texts';

const CAUSES = ['', 'wrong_service', 'wrong_queue', 'flow'] as const;
type Cause = (typeof CAUSES)[number];

interface Place {
  to: string;
  name: string;
  what: string;
  can: boolean;
}

/** What became of the last move, said once to all. */
const said = signal<{ text: TextName; to: string } | null>(null);

export function Move({ pop }: { pop: Pop }) {
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const asked = asking.value?.call === pop.call ? asking.value : null;
  const asks = asked?.state === 'waiting' || asked?.state === 'ringing' || asked?.state === 'reached' || asked?.state === 'joined';
  const talking = live.value && !asks && (talk.value === 'talking' || talk.value === 'hold');

  useEffect(() => {
    open.value = false;
  }, [pop.call, talking]);

  function close() {
    open.value = false;
    button.current?.focus();
  }

  return (
    <div class="moving">
      {talking && (
        <button
          ref={button}
          aria-expanded={open.value}
          aria-keyshortcuts="Alt+T t"
          accessKey="t"
          onClick={() => {
            open.value = !open.value;
            if (open.value) void ask({ do: 'targets' });
          }}
        >
          {t('transfer')}
        </button>
      )}
      {talking && (
        <button
          onClick={async () => {
            if (!(await ask({ do: 'park', call: pop.call }))) return;
            said.value = { text: 'parked_now', to: '' };
            phone.letGo();
          }}
        >
          {t('park')}
        </button>
      )}
      {talking && open.value && <Panel pop={pop} close={close} />}
      {live.value && asks && asked && <Consulted asked={asked} />}
      <p role="status">{live.value && asked?.state === 'back' && t('asking_back')}</p>
      <p role="status">{said.value && t(said.value.text, { to: said.value.to })}</p>
    </div>
  );
}

/** Somebody is asked: how far that has come, and what may become of the caller. */
function Consulted({ asked }: { asked: Asking }) {
  const name = places().find((place) => place.to === asked.to)?.name ?? asked.to;
  const reached = asked.state === 'reached' || asked.state === 'joined';

  async function then(what: 'complete' | 'join' | 'cancel') {
    if ((await ask({ do: 'consulted', call: asked.call, then: what })) && what === 'complete')
      said.value = { text: 'moved_to', to: name };
  }

  return (
    <section class="panel" aria-label={t('consult')}>
      <p role="status">{t(`asking_${asked.state || 'waiting'}`, { to: name })}</p>
      <div class="controls">
        <button class="main" disabled={!reached} onClick={() => void then('complete')}>
          {t('consult_complete')}
        </button>
        {asked.state !== 'joined' && (
          <button disabled={!reached} onClick={() => void then('join')}>
            {t('consult_join')}
          </button>
        )}
        <button onClick={() => void then('cancel')}>{t('consult_cancel')}</button>
      </div>
    </section>
  );
}

function Panel({ pop, close }: { pop: Pop; close: () => void }) {
  const wanted = useSignal('');
  const chosen = useSignal('');
  const keep = useSignal(true);
  const cause = useSignal<Cause>('');
  const search = useRef<HTMLInputElement>(null);
  const found = places().filter((place) => matches(place, wanted.value));
  const place = found.find((one) => one.to === chosen.value);

  useEffect(() => {
    search.current?.focus();
    const again = setInterval(() => void ask({ do: 'targets' }), 5000);
    return () => clearInterval(again);
  }, []);

  async function send(how: 'blind' | 'consult') {
    if (!place) return;
    if (how === 'consult' && talk.value === 'hold') await phone.hold(false);
    const done = await ask({
      do: 'move_to',
      call: pop.call,
      to: place.to,
      how,
      keep_place: keep.value,
      cause: cause.value,
    });
    if (!done || how === 'consult') return;
    said.value = { text: 'moved_to', to: place.name };
    close();
    phone.letGo();
  }

  return (
    <form
      class="panel"
      aria-label={t('transfer')}
      onSubmit={(event) => {
        event.preventDefault();
        void send('blind');
      }}
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      <label>
        {t('move_search')}
        <input ref={search} type="search" value={wanted.value} onInput={(e) => (wanted.value = e.currentTarget.value)} />
      </label>
      <p class="hidden" aria-live="polite">
        {t('move_found', { n: found.length })}
      </p>
      <fieldset class="places">
        <legend>{t('move_where')}</legend>
        {found.map((one) => (
          <label key={one.to} class="check">
            <input
              type="radio"
              name="place"
              value={one.to}
              checked={chosen.value === one.to}
              disabled={!one.can}
              onChange={() => (chosen.value = one.to)}
            />
            {one.name} <small>{one.what}</small>
          </label>
        ))}
        {!found.length && <p>{t('move_none')}</p>}
      </fieldset>
      {place?.to.startsWith('queue:') && (
        <label class="check">
          <input type="checkbox" checked={keep.value} onChange={(e) => (keep.value = e.currentTarget.checked)} />
          {t('move_keep')}
        </label>
      )}
      <label>
        {t('move_cause')}
        <select value={cause.value} onChange={(e) => (cause.value = e.currentTarget.value as Cause)}>
          {CAUSES.map((one) => (
            <option key={one} value={one}>
              {t(`cause_${one || 'none'}`)}
            </option>
          ))}
        </select>
      </label>
      <div class="controls">
        <button class="main" disabled={!place}>
          {t('move_now')}
        </button>
        <button type="button" disabled={!place} onClick={() => void send('consult')}>
          {t('consult')}
        </button>
        <button type="button" onClick={close}>
          {t('move_leave')}
        </button>
      </div>
    </form>
  );
}

/** Everybody and everything that a caller may be sent to; what cannot be reached now is shown, and not to be chosen. */
function places(): Place[] {
  const known = targets.value;
  const agents = (known?.agents ?? []).map((one) => ({
    to: `agent:${one.id}`,
    name: one.name,
    what: t(`target_${one.state}`),
    can: one.state === 'free' || one.state === 'busy',
  }));
  const lines = queues.value.map((one) => ({
    to: `queue:${one.name}`,
    name: titled(one.title, one.name),
    what: one.closed ? t('target_closed') : t('target_queue', { n: one.waiting, idle: one.idle }),
    can: !one.closed,
  }));
  const services = (known?.services ?? []).map((one) => ({
    to: `service:${one.name}`,
    name: titled(one.title, one.name),
    what: t(!one.open ? 'target_closed' : one.allowed ? 'target_service' : 'target_not_allowed'),
    can: one.open && one.allowed,
  }));
  return [...agents, ...lines, ...services];
}

function matches(place: Place, wanted: string): boolean {
  const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain(wanted)
    .split(/\s+/)
    .every((word) => plain(`${place.name} ${place.to}`).includes(word));
}

/** Callers whom agents parked: whoever is free may take one. */
export function Parked() {
  if (!parked.value.length) return null;
  return (
    <section class="parked" aria-label={t('parked')}>
      <h2>{t('parked')}</h2>
      <ul>
        {parked.value.map((one) => {
          const queue = queues.value.find((each) => each.name === one.queue);
          const what = t('parked_line', { slot: one.slot, queue: titled(queue?.title ?? {}, one.queue), by: one.name });
          return (
            <li key={one.call}>
              {what} <span class="timer">{duration(one.until - now.value)}</span>{' '}
              <button aria-label={`${t('take_parked')} : ${what}`} onClick={() => void ask({ do: 'take', call: one.call })}>
                {t('take_parked')}
              </button>
            </li>
          );
        })}
      </ul>
      <p class="hidden" aria-live="polite">
        {t('parked_count', { n: parked.value.length })}
      </p>
    </section>
  );
}

/** Call the citizen of a contact: the agent's phone rings first. Only for who is free to. */
export function CallBack({ contact, at }: { contact: string; at: string }) {
  const free = state.value?.status === 'available' && state.value.state === 'idle' && state.value.device === 'free';
  if (!free) return null;
  return (
    <button class="quiet" aria-label={t('call_back_at', { at })} onClick={() => void ask({ do: 'call_back', contact })}>
      {t('call_back')}
    </button>
  );
}
