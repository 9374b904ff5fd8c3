// Sending the caller elsewhere: to a colleague, another queue, a service of the directory. All of it by the keyboard, and
// told to whoever does not see it.

import { useEffect, useRef } from 'preact/hooks';
import { signal, useSignal } from '@preact/signals';
import { ask, queues, targets } from './state';
import { talk } from './phone';
import * as phone from './phone';
import type { Pop } from './messages';
import { t, titled, type TextName } from './texts';

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
  const talking = talk.value === 'talking' || talk.value === 'hold';

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
      {talking && open.value && <Panel pop={pop} close={close} />}
      <p role="status">{said.value && t(said.value.text, { to: said.value.to })}</p>
    </div>
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

  async function send() {
    if (!place) return;
    const done = await ask({
      do: 'move_to',
      call: pop.call,
      to: place.to,
      how: 'blind',
      keep_place: keep.value,
      cause: cause.value,
    });
    if (!done) return;
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
        void send();
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
