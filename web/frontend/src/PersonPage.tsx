// Everything that is known of one person.

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { Contacts } from './Contacts';
import { readPerson, type PersonData } from './library';
import { wishes } from './names';
import { promised } from './Promises';
import { Reading } from './Reading';
import { pop, shown } from './state';
import { day, moment, paired, t, word } from './texts';

export function PersonPage({ person, id }: { person: string; id: number }) {
  const found = useSignal<PersonData | null>(null);
  useEffect(() => {
    found.value = null;
    void shown(() => readPerson(person, id, pop.value?.call ?? '')).then((data) => (found.value = data));
  }, [person, id]);

  const data = found.value;
  return (
    <Reading title={data ? data.name || t('unknown') : t('person')} ready={data !== null}>
      {data && <All data={data} />}
    </Reading>
  );
}

function All({ data }: { data: PersonData }) {
  return (
    <>
      <dl class="facts">
        <dt>{t('numbers')}</dt>
        <dd>{data.numbers.join(', ') || '—'}</dd>
        <dt>{t('known_since')}</dt>
        <dd>{day(data.since)}</dd>
        {data.languages?.length ? (
          <>
            <dt>{t('languages')}</dt>
            <dd>{data.languages.join(', ')}</dd>
          </>
        ) : null}
        {data.preferences && Object.keys(data.preferences).length > 0 && (
          <>
            <dt>{t('wishes')}</dt>
            <dd>{wishes(data.preferences)}</dd>
          </>
        )}
      </dl>
      <h3>{t('all_cases')}</h3>
      {data.cases.length === 0 && <p>{t('none')}</p>}
      <ul>
        {data.cases.map((one) => (
          <li key={one.id}>
            <strong class="number">{paired(one.number)}</strong> {one.title} · {word('status', one.status)} ·{' '}
            {day(one.opened_at)}
          </li>
        ))}
      </ul>
      <h3>{t('promises')}</h3>
      {data.promises.length === 0 && <p>{t('none')}</p>}
      <ul>
        {data.promises.map((one) => (
          <li key={one.id}>
            {promised(one)} · {word('outcome', one.outcome ?? 'none')}
          </li>
        ))}
      </ul>
      <h3>{t('all_contacts')}</h3>
      {data.contacts.length === 0 ? <p>{t('none')}</p> : <Contacts contacts={data.contacts} notes={[]} />}
      {data.decisions.length > 0 && (
        <details>
          <summary>{t('decisions')}</summary>
          <ul>
            {data.decisions.map((one, place) => (
              <li key={place}>
                {moment(one.at)} · {word('change', one.change)} · {one.author} {one.reason && `· ${one.reason}`}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
