// Who calls, how sure that is, and what the agent found out about it.

import { useSignal } from '@preact/signals';
import { ask, who } from './state';
import type { Pop } from './messages';
import { toPerson } from './route';
import type { StoryData } from './story';
import { t, word } from './texts';
import { wishes } from './names';

export function Person({ pop, story }: { pop: Pop; story: StoryData }) {
  const person = story.person;
  const sure = story.confidence === 'confirmed';
  return (
    <div class="person">
      <h2>{person?.name || t('unknown')}</h2>
      <p>
        {t('sure', { how: word('sure', story.confidence) })}
        {person?.languages?.length ? ` · ${person.languages.join(', ')}` : ''}
      </p>
      {person?.preferences && Object.keys(person.preferences).length > 0 && (
        <p class="preferences">{wishes(person.preferences)}</p>
      )}
      {story.this?.for_person && (
        <p>
          {t('spoke_for', { who: story.this.relation || t('somebody') })}{' '}
          <a href={toPerson(story.this.for_person)}>{t('read_more')}</a>
        </p>
      )}
      <div class="controls">
        {person && !sure && (
          <button onClick={() => void ask({ do: 'confirm', call: pop.call, person: person.person, name: '' })}>
            {t('confirm')}
          </button>
        )}
        {person && who.value?.may.includes('read_person') && <a href={toPerson(person.person)}>{t('read_more')}</a>}
      </div>
      <Others pop={pop} story={story} />
      <Named pop={pop} story={story} />
      <SpokeFor pop={pop} />
    </div>
  );
}

/** Others who were met at this number: it may be one of them, or the same human being twice. */
function Others({ pop, story }: { pop: Pop; story: StoryData }) {
  if (story.others.length === 0) return null;
  const mine = story.person?.person;
  return (
    <details>
      <summary>
        {t('others')} ({story.others.length})
      </summary>
      <ul>
        {story.others.map((other) => (
          <li key={other.person}>
            {other.name || t('unknown')}{' '}
            <button onClick={() => void ask({ do: 'confirm', call: pop.call, person: other.person, name: '' })}>
              {t('confirm')}
            </button>
            {mine && (
              <button
                onClick={() =>
                  void ask({
                    do: 'merge',
                    call: pop.call,
                    person: other.person,
                    other: mine,
                    reason: t('merge_reason'),
                  })
                }
              >
                {t('merge', { name: story.person?.name || t('unknown') })}
              </button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The caller's name, of who is shown or of somebody new. */
function Named({ pop, story }: { pop: Pop; story: StoryData }) {
  const anew = useSignal(false);
  const person = anew.value ? '' : (story.person?.person ?? '');

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const name = String(new FormData(form).get('name') ?? '').trim();
    if (await ask({ do: 'confirm', call: pop.call, person, name })) {
      anew.value = false;
      form.reset();
      form.closest('details')?.removeAttribute('open');
    }
  }

  return (
    <details>
      <summary aria-keyshortcuts="i">{t('note_name')}</summary>
      <form class="inline" onSubmit={submit}>
        <label>
          {t('name')}
          <input name="name" maxLength={120} required autocomplete="off" />
        </label>
        {story.person && (
          <label class="check">
            <input
              type="checkbox"
              checked={anew.value}
              onChange={(event) => (anew.value = event.currentTarget.checked)}
            />
            {t('confirm_new')}
          </label>
        )}
        <button>{t('save')}</button>
      </form>
    </details>
  );
}

function SpokeFor({ pop }: { pop: Pop }) {
  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const [name, relation] = [String(given.get('name') ?? ''), String(given.get('relation') ?? '')];
    if (await ask({ do: 'spoke_for', call: pop.call, person: '', name, relation })) {
      form.reset();
      form.closest('details')?.removeAttribute('open');
    }
  }

  return (
    <details>
      <summary>{t('calls_for')}</summary>
      <form class="inline" onSubmit={submit}>
        <label>
          {t('for_whom')}
          <input name="name" maxLength={120} required autocomplete="off" />
        </label>
        <label>
          {t('relation')}
          <input name="relation" maxLength={40} autocomplete="off" />
        </label>
        <button>{t('save')}</button>
      </form>
    </details>
  );
}
