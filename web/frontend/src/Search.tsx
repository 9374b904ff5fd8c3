// Looking for a person, a case, or words of a note.

import { useSignal } from '@preact/signals';
import { lookFor, type Hit } from './library';
import { Reading } from './Reading';
import { toPersonId } from './route';
import { shown } from './state';
import { day, paired, t, word } from './texts';

export function Search() {
  const hits = useSignal<Hit[] | null>(null);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget as HTMLFormElement).get('text') ?? '');
    hits.value = (await shown(() => lookFor(text)))?.hits ?? null;
  }

  return (
    <Reading title={t('search')}>
      <form class="inline" role="search" onSubmit={submit}>
        <label>
          {t('search_what')}
          <input name="text" type="search" maxLength={200} required autocomplete="off" />
        </label>
        <button class="main">{t('search')}</button>
      </form>
      <div role="status">{hits.value?.length === 0 && t('no_hits')}</div>
      <ul class="hits">
        {hits.value?.map((hit) => (
          <li key={`${hit.kind}${hit.id}`}>
            <span class="tag">{word('hit', hit.kind)}</span>{' '}
            {hit.person_id === null ? (
              title(hit)
            ) : (
              <a href={toPersonId(hit.person_id)}>{title(hit)}</a>
            )}{' '}
            {hit.number && hit.number !== hit.title && (
              <span class="number">{hit.kind === 'case' ? paired(hit.number) : hit.number}</span>
            )}{' '}
            {hit.at !== null && <small>{day(hit.at)}</small>}
          </li>
        ))}
      </ul>
    </Reading>
  );
}

function title(hit: Hit): string {
  return hit.title || hit.number || t('unknown');
}
