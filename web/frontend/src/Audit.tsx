// For auditors: who read what about whom, and what stands out.

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { readReadings, type Readings } from './library';
import { Reading } from './Reading';
import { shown } from './state';
import { moment, t, word } from './texts';

export function Audit() {
  const found = useSignal<Readings | null>(null);
  const reader = useSignal('');
  const before = useSignal<number | null>(null);
  useEffect(() => {
    void shown(() => readReadings(reader.value, '', before.value)).then((data) => (found.value = data));
  }, [reader.value, before.value]);

  const data = found.value;
  const last = data?.rows.at(-1);
  return (
    <Reading title={t('audit_title')} ready={data !== null}>
      {data && data.unusual.length > 0 && (
        <>
          <h3>{t('unusual')}</h3>
          <ul class="unusual">
            {data.unusual.map((one, place) => (
              <li key={place}>
                {word('unusual', one.what)
                  .replace('{reader}', one.reader)
                  .replace('{person}', one.person || t('erased_since'))
                  .replace('{n}', String(one.count))}
              </li>
            ))}
          </ul>
        </>
      )}
      <div class="scroll" tabIndex={0} role="region" aria-label={t('audit_title')}>
        <table>
          <thead>
            <tr>
              <th>{t('when')}</th>
              <th>{t('reader')}</th>
              <th>{t('what_read')}</th>
              <th>{t('of_whom')}</th>
              <th>{t('for_call')}</th>
            </tr>
          </thead>
          <tbody>
            {data?.rows.map((row, place) => (
              <tr key={place}>
                <td>{moment(row.at)}</td>
                <td>
                  <button class="quiet" onClick={() => ((reader.value = row.reader), (before.value = null))}>
                    {row.reader}
                  </button>
                </td>
                <td>{word('read', row.what)}</td>
                <td>{row.name || row.person || '—'}</td>
                <td>{row.call || t('no_reason')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="controls">
        {reader.value && <button onClick={() => (reader.value = '')}>{t('all_readers')}</button>}
        {data && data.rows.length >= 100 && last && (
          <button onClick={() => (before.value = last.at)}>{t('earlier')}</button>
        )}
      </div>
    </Reading>
  );
}
