// Every key, and a switch for all of them.

import { useEffect, useRef } from 'preact/hooks';
import { signal } from '@preact/signals';
import { KEYS, keysOn, turnKeys } from './keys';
import { t } from './texts';

export const helping = signal(false);

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (helping.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [helping.value]);

  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={() => (helping.value = false)}>
      {helping.value && <Keys />}
    </dialog>
  );
}

function Keys() {
  return (
    <>
      <h2 id="help-title">{t('keys_title')}</h2>
      <p>{t('keys_hint')}</p>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key === 'Space' ? t('key_space') : key}</kbd>
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={keysOn.value}
          onChange={(event) => turnKeys(event.currentTarget.checked)}
        />
        {t('keys_on')}
      </label>
      <button class="main" onClick={() => (helping.value = false)}>
        {t('close_help')}
      </button>
    </>
  );
}
