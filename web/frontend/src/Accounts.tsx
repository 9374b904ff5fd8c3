// For administrators: who may sign in, and as what.

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { addAccount, changeAccount, readAccounts, type AccountData, type ChangedAccount } from './library';
import { Reading } from './Reading';
import { shown } from './state';
import { t, word } from './texts';

const ROLES = ['agent', 'supervisor', 'admin', 'auditor'];

export function Accounts() {
  const found = useSignal<AccountData[] | null>(null);
  const told = useSignal('');
  const look = () => void shown(readAccounts).then((data) => (found.value = data?.accounts ?? found.value));
  useEffect(look, []);

  async function change(work: () => Promise<ChangedAccount>): Promise<boolean> {
    const done = await shown(work);
    if (!done) return false;
    if (done.password) told.value = t('password_told', { account: done.account ?? '', password: done.password });
    else told.value = done.ended === undefined ? '' : t('sessions_ended', { n: done.ended });
    look();
    return true;
  }

  return (
    <Reading title={t('accounts_title')} ready={found.value !== null}>
      <p role="status" class="made">
        {told.value}
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label={t('accounts')}>
        <table>
          <thead>
            <tr>
              <th>{t('account')}</th>
              <th>{t('roles')}</th>
              <th>{t('steer')}</th>
            </tr>
          </thead>
          <tbody>
            {found.value?.map((one) => (
              <Line key={one.account} one={one} change={change} />
            ))}
          </tbody>
        </table>
      </div>
      <New change={change} />
    </Reading>
  );
}

type Changes = (work: () => Promise<ChangedAccount>) => Promise<boolean>;

function Line({ one, change }: { one: AccountData; change: Changes }) {
  const { account, barred, roles } = one;
  return (
    <tr>
      <td>
        {one.name} <small>{account}</small> {barred && <span class="tag late">{t('barred')}</span>}
      </td>
      <td>
        <div class="controls">
          {ROLES.map((role) => (
            <label class="check" key={role}>
              <input
                type="checkbox"
                aria-label={t('role_of', { role: word('role', role), account })}
                checked={roles.includes(role)}
                disabled={role === 'agent' && !one.agent}
                onChange={(event) => {
                  const box = event.currentTarget;
                  const wanted = box.checked ? [...roles, role] : roles.filter((each) => each !== role);
                  void change(() => changeAccount({ account, roles: wanted })).then((done) => {
                    if (!done) box.checked = roles.includes(role);
                  });
                }}
              />
              {word('role', role)}
            </label>
          ))}
        </div>
      </td>
      <td>
        <div class="controls">
          <button onClick={() => void change(() => changeAccount({ account, password: true }))}>
            {t('password_new')}
          </button>
          <button onClick={() => void change(() => changeAccount({ account, barred: !barred }))}>
            {t(barred ? 'admit' : 'bar')}
          </button>
          <button onClick={() => void change(() => changeAccount({ account, sign_out: true }))}>
            {t('end_sessions')}
          </button>
        </div>
      </td>
    </tr>
  );
}

function New({ change }: { change: Changes }) {
  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const wish = {
      account: text('account'),
      name: text('name'),
      roles: given.getAll('role').map(String),
      agent: text('agent'),
      language: text('language'),
    };
    if (await change(() => addAccount(wish))) form.reset();
  }

  return (
    <details>
      <summary>{t('new_account')}</summary>
      <form class="inline" onSubmit={submit}>
        <label>
          {t('account')}
          <input name="account" maxLength={40} required autocomplete="off" autocapitalize="none" />
        </label>
        <label>
          {t('name')}
          <input name="name" maxLength={80} autocomplete="off" />
        </label>
        <fieldset>
          <legend>{t('roles')}</legend>
          {ROLES.map((role) => (
            <label class="check" key={role}>
              <input type="checkbox" name="role" value={role} />
              {word('role', role)}
            </label>
          ))}
        </fieldset>
        <label>
          {t('account_agent')}
          <input name="agent" maxLength={40} autocomplete="off" autocapitalize="none" />
        </label>
        <label>
          {t('language_of')}
          <select name="language">
            <option value="fr">Français</option>
            <option value="en">English</option>
          </select>
        </label>
        <button>{t('create')}</button>
      </form>
    </details>
  );
}
