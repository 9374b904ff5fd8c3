// What the call was about and how it came out.

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { ask, me } from './state';
import type { Pop } from './messages';
import { t, titled } from './texts';

export function Coding({ pop }: { pop: Pop }) {
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
        {me.value?.topics.length ? (
          <select name="topic">
            <option value=""></option>
            {me.value.topics.map((one) => (
              <option key={one.name} value={one.name}>
                {titled(one.title, one.name)}
              </option>
            ))}
          </select>
        ) : (
          <input name="topic" maxLength={80} />
        )}
      </label>
      <label>
        {t('outcome')}
        <select name="code" required aria-keyshortcuts="o">
          <option value=""></option>
          {me.value?.codes.map((one) => (
            <option key={one.name} value={one.name}>
              {titled(one.title, one.name)}
            </option>
          ))}
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
