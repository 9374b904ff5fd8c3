// The caller's open cases; this call linked to one, or a new one made of it.

import { useSignal } from '@preact/signals';
import { ask, asked, me } from './state';
import type { Asked, Pop } from './messages';
import type { Case, StoryData } from './story';
import { paired, t, titled, word } from './texts';

type Status = Extract<Asked, { do: 'set_case' }>['status'];
const STATUSES: Status[] = ['open', 'in_progress', 'waiting', 'closed', 'refused'];

export function Cases({ pop, story }: { pop: Pop; story: StoryData }) {
  const made = useSignal('');
  return (
    <>
      <h3>{t('cases')}</h3>
      {story.cases.length ? (
        <ul class="cases">
          {story.cases.map((one) => (
            <Line key={one.id} pop={pop} one={one} linked={story.this?.case_id === one.id} />
          ))}
        </ul>
      ) : (
        <p>{t('no_cases')}</p>
      )}
      <p role="status" class="made">
        {made.value && t('case_made', { number: paired(made.value) })}
      </p>
      <New pop={pop} told={(number) => (made.value = number)} />
      <ByNumber pop={pop} />
    </>
  );
}

function Line({ pop, one, linked }: { pop: Pop; one: Case; linked: boolean }) {
  return (
    <li>
      <strong class="number">{paired(one.number)}</strong> {one.title}
      <div class="controls">
        <select
          aria-label={t('case_status', { number: paired(one.number) })}
          value={one.status}
          onChange={(event) => {
            const status = event.currentTarget.value as Status;
            void ask({ do: 'set_case', call: pop.call, case: one.id, status });
          }}
        >
          {STATUSES.map((status) => (
            <option key={status} value={status}>
              {word('status', status)}
            </option>
          ))}
        </select>
        {linked && <span class="tag">{t('linked')}</span>}
        <button
          onClick={() => void ask({ do: 'link_case', call: pop.call, case: linked ? '' : one.id, number: '' })}
        >
          {t(linked ? 'unlink' : 'link')}
        </button>
      </div>
    </li>
  );
}

function New({ pop, told }: { pop: Pop; told: (number: string) => void }) {
  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const [title, topic] = [String(given.get('title') ?? ''), String(given.get('topic') ?? '')];
    const number = await asked({ do: 'open_case', call: pop.call, title, topic });
    if (number === null) return;
    told(number);
    form.reset();
    form.closest('details')?.removeAttribute('open');
  }

  return (
    <details>
      <summary aria-keyshortcuts="c">{t('new_case')}</summary>
      <form class="inline" onSubmit={submit}>
        <label>
          {t('case_title')}
          <input name="title" maxLength={200} required autocomplete="off" />
        </label>
        {me.value && me.value.topics.length > 0 && (
          <label>
            {t('topic')}
            <select name="topic">
              <option value=""></option>
              {me.value.topics.map((topic) => (
                <option key={topic.name} value={topic.name}>
                  {titled(topic.title, topic.name)}
                </option>
              ))}
            </select>
          </label>
        )}
        <button>{t('create')}</button>
      </form>
    </details>
  );
}

function ByNumber({ pop }: { pop: Pop }) {
  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const number = String(new FormData(form).get('number') ?? '');
    if (await ask({ do: 'link_case', call: pop.call, case: '', number })) {
      form.reset();
      form.closest('details')?.removeAttribute('open');
    }
  }

  return (
    <details>
      <summary>{t('link_by_number')}</summary>
      <form class="inline" onSubmit={submit}>
        <label>
          {t('case_number')}
          <input name="number" maxLength={20} inputMode="numeric" required autocomplete="off" />
        </label>
        <button>{t('link')}</button>
      </form>
    </details>
  );
}
