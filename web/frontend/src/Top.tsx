// The strip above everything: what the agent is, chooses, and where else they can go.

import { devices } from './devices';
import { helping } from './Help';
import { chosen } from './names';
import { phoneState } from './phone';
import { switchLanguage } from './SignIn';
import { ask, go, me, now, state, who } from './state';
import { duration, language, t, titled, type TextName } from './texts';

export function Top() {
  const mine = state.value;
  return (
    <header class="top">
      <h1>Guichet</h1>
      {mine && (
        <>
          <p class={`state ${shown()}`}>
            {t(shown())}
            {mine.status === 'paused' && mine.reason && ` (${chosen('reasons', mine.reason)})`}
            <span class="since" aria-hidden="true">
              {mine.since > 0 && duration(now.value - mine.since)}
            </span>
          </p>
          <Choices />
          {devices.value.desk ? (
            <p class="phone">{t('phone_on_desk')}</p>
          ) : (
            <p class={`phone ${phoneState.value}`}>{t(`phone_${phoneState.value}`)}</p>
          )}
        </>
      )}
      <Pages />
      <div class="own">
        <p>{who.value?.name}</p>
        <button class="quiet" lang={language.value === 'fr' ? 'en' : 'fr'} onClick={switchLanguage}>
          {t('language_name')}
        </button>
        <button class="quiet" onClick={() => void go()}>
          {t('sign_out')}
        </button>
      </div>
    </header>
  );
}

function Pages() {
  const may = who.value?.may ?? [];
  return (
    <nav class="pages">
      {may.includes('read_person') && (
        <a href="#/search" aria-keyshortcuts="/">
          {t('search')}
        </a>
      )}
      {may.includes('accounts') && <a href="#/accounts">{t('accounts')}</a>}
      {may.includes('read_audit') && <a href="#/audit">{t('audit')}</a>}
      {may.includes('phone') && (
        <a href="#/devices" aria-keyshortcuts="d">
          {t('devices')}
        </a>
      )}
      <button
        class="quiet"
        aria-keyshortcuts="?"
        aria-label={t('keys')}
        title={t('keys')}
        onClick={() => (helping.value = true)}
      >
        <kbd>?</kbd>
      </button>
    </nav>
  );
}

/** A call in course says more than what was chosen. */
function shown(): TextName {
  const mine = state.value;
  if (!mine) return 'offline';
  if (mine.state !== 'idle') return mine.state;
  return mine.status === 'available' ? 'available' : mine.status;
}

function Choices() {
  const mine = state.value;
  if (!mine) return null;
  const here = mine.status === 'available' && mine.state !== 'not_responding';
  return (
    <div class="choices" role="group">
      <button aria-pressed={here} aria-keyshortcuts="a" onClick={() => void ask({ do: 'available' })}>
        {t(mine.state === 'not_responding' ? 'come_back' : 'available')}
      </button>
      <select
        aria-label={t('reason')}
        aria-keyshortcuts="z"
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
