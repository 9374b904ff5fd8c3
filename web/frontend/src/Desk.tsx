import { useEffect } from 'preact/hooks';
import { ask, connected, go, live, me, now, pop, queues, state, trouble, who } from './state';
import { phoneState, talk } from './phone';
import * as phone from './phone';
import { Board } from './Board';
import { Call } from './Call';
import { Story } from './Story';
import { switchLanguage } from './SignIn';
import { duration, language, t, titled, type TextName } from './texts';

export function Desk() {
  useKeys();
  return (
    <>
      <Top />
      <div class="notices" aria-live="polite">
        {!connected.value && <p class="notice">{t('lost')}</p>}
        {trouble.value && <p class="notice">{t(trouble.value)}</p>}
      </div>
      <main class={who.value?.agent ? 'desk' : 'desk watching'}>
        {pop.value ? (
          <>
            <Call pop={pop.value} />
            <Story pop={pop.value} />
          </>
        ) : (
          who.value?.agent && <p class="empty">{t('no_call')}</p>
        )}
        <Queues />
        <Board />
      </main>
    </>
  );
}

/** Space answers, unless somebody is writing. */
function useKeys() {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const on = event.target as HTMLElement;
      if (event.code !== 'Space' || on.closest('input, textarea, select')) return;
      if (talk.value === 'ringing') {
        event.preventDefault();
        phone.answer();
      }
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}

function Top() {
  const mine = state.value;
  return (
    <header class="top">
      <h1>Guichet</h1>
      {mine && (
        <>
          <p class={`state ${shown()}`} role="status">
            {t(shown())}
            {mine.status === 'paused' && mine.reason && ` (${reasonTitle(mine.reason)})`}
            <span class="since" aria-hidden="true">
              {mine.since > 0 && duration(now.value - mine.since)}
            </span>
          </p>
          <Choices />
          <p class="figures">{t('calls_today', { n: mine.calls })}</p>
          <p class={`phone ${phoneState.value}`}>{t(`phone_${phoneState.value}`)}</p>
        </>
      )}
      <p class="who">{who.value?.name}</p>
      <button class="quiet" lang={language.value === 'fr' ? 'en' : 'fr'} onClick={switchLanguage}>
        {t('language_name')}
      </button>
      <button class="quiet" onClick={() => void go()}>
        {t('sign_out')}
      </button>
    </header>
  );
}

/** A call in course says more than what was chosen. */
function shown(): TextName {
  const mine = state.value;
  if (!mine) return 'offline';
  if (mine.state !== 'idle') return mine.state;
  return mine.status === 'available' ? 'available' : mine.status;
}

function reasonTitle(reason: string): string {
  return titled(me.value?.reasons.find((one) => one.name === reason)?.title ?? {}, reason);
}

function Choices() {
  const mine = state.value;
  if (!mine) return null;
  const here = mine.status === 'available' && mine.state !== 'not_responding';
  return (
    <div class="choices" role="group">
      <button aria-pressed={here} onClick={() => void ask({ do: 'available' })}>
        {t(mine.state === 'not_responding' ? 'come_back' : 'available')}
      </button>
      <select
        aria-label={t('reason')}
        value={mine.status === 'paused' ? mine.reason : ''}
        onChange={(event) => {
          const reason = event.currentTarget.value;
          if (reason) void ask({ do: 'pause', reason });
        }}
      >
        <option value="">{t('pause')}…</option>
        {me.value?.reasons.map((one) => (
          <option key={one.name} value={one.name}>
            {titled(one.title, one.name)}
          </option>
        ))}
      </select>
      <button aria-pressed={mine.status === 'offline'} onClick={() => void ask({ do: 'offline' })}>
        {t('offline')}
      </button>
    </div>
  );
}

function Queues() {
  const steers = who.value?.may.includes('steer') ?? false;
  return (
    <section class="queues" aria-label={t('queues')}>
      <h2>{t('queues')}</h2>
      <table>
        <thead>
          <tr>
            <th>{t('queue')}</th>
            <th>{t('waiting')}</th>
            <th>{t('longest')}</th>
            <th>{t('ready')}</th>
          </tr>
        </thead>
        <tbody>
          {queues.value.map((queue) => (
            <tr key={queue.name}>
              <td>
                {titled(queue.title, queue.name)} {queue.closed && <small>{t('closed')}</small>}
                {steers && (
                  <button
                    class="quiet"
                    onClick={() => void ask({ do: 'set_queue', queue: queue.name, open: queue.closed, send_away: false })}
                  >
                    {t(queue.closed ? 'open' : 'close')}
                  </button>
                )}
              </td>
              <td class="figure">{queue.waiting}</td>
              <td class="figure">{duration(queue.longest_ms)}</td>
              <td class="figure">
                {queue.idle}/{queue.staffed}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hidden" aria-live="polite">
        {live.value && talk.value === 'ringing' ? t('ringing') : ''}
      </p>
    </section>
  );
}
