import { useSignal } from '@preact/signals';
import { Refused } from './server';
import { come, ways } from './state';
import { language, t } from './texts';

export function SignIn() {
  const problem = useSignal('');
  const busy = useSignal(false);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    try {
      await come(String(form.get('account')).trim(), String(form.get('password')));
    } catch (error) {
      const trouble = error instanceof Refused ? error.trouble : { error: 'away' };
      if (trouble.error === 'wrong') problem.value = t('wrong');
      else if (trouble.error === 'too_many') problem.value = t('too_many', { s: trouble.wait_s ?? 60 });
      else problem.value = t('error_away');
    } finally {
      busy.value = false;
    }
  }

  return (
    <main class="sign-in">
      <h1>Guichet</h1>
      <form onSubmit={submit}>
        <label>
          {t('account')}
          <input name="account" autocomplete="username" autocapitalize="none" required maxLength={40} autofocus />
        </label>
        <label>
          {t('password')}
          <input name="password" type="password" autocomplete="current-password" required maxLength={200} />
        </label>
        <p role="alert">{problem.value}</p>
        <button class="main" disabled={busy.value}>
          {t('sign_in')}
        </button>
      </form>
      {ways.value.includes('oidc') && <a href="/oidc/begin">{t('sign_in_oidc')}</a>}
      <button class="quiet" lang={language.value === 'fr' ? 'en' : 'fr'} onClick={switchLanguage}>
        {t('language_name')}
      </button>
    </main>
  );
}

export function switchLanguage() {
  language.value = language.value === 'fr' ? 'en' : 'fr';
}
