// What the caller was promised, what became of it, and a new promise.

import { ask, now } from './state';
import type { Asked, Pop } from './messages';
import type { PromiseMade, StoryData } from './story';
import { moment, t, word } from './texts';

type Kind = Extract<Asked, { do: 'promise' }>['kind'];
const KINDS: Kind[] = ['callback', 'send', 'wait', 'other'];

export function Promises({ pop, story }: { pop: Pop; story: StoryData }) {
  return (
    <>
      <h3>{t('promises')}</h3>
      {story.promises.length ? (
        <ul class="promises">
          {story.promises.map((one) => (
            <Line key={one.id} pop={pop} one={one} />
          ))}
        </ul>
      ) : (
        <p>{t('no_promises')}</p>
      )}
      <New pop={pop} story={story} />
    </>
  );
}

export function promised(one: PromiseMade): string {
  const until = one.due_until ? t('until', { when: moment(one.due_until) }) : '';
  return [word('kind', one.kind), one.text, until].filter(Boolean).join(' · ');
}

function Line({ pop, one }: { pop: Pop; one: PromiseMade }) {
  const late = !one.outcome && one.due_until !== null && one.due_until < now.value;
  return (
    <li>
      {promised(one)} <span class={late ? 'tag late' : 'tag'}>{late ? t('late') : word('outcome', one.outcome ?? 'none')}</span>
      {!one.outcome && (
        <div class="controls">
          {(['kept', 'broken'] as const).map((outcome) => (
            <button
              key={outcome}
              onClick={() => void ask({ do: 'end_promise', call: pop.call, promise: one.id, outcome })}
            >
              {word('outcome', outcome)}
            </button>
          ))}
        </div>
      )}
    </li>
  );
}

function New({ pop, story }: { pop: Pop; story: StoryData }) {
  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const due = new Date(String(given.get('due') ?? '')).getTime();
    const done = await ask({
      do: 'promise',
      call: pop.call,
      kind: String(given.get('kind')) as Kind,
      text: String(given.get('text') ?? ''),
      due_until: Number.isNaN(due) ? null : due,
      case: story.this?.case_id ?? '',
    });
    if (!done) return;
    form.reset();
    form.closest('details')?.removeAttribute('open');
  }

  return (
    <details>
      <summary aria-keyshortcuts="p">{t('new_promise')}</summary>
      <form class="inline" onSubmit={submit}>
        <label>
          {t('promise_kind')}
          <select name="kind">
            {KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {word('kind', kind)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('promise_text')}
          <input name="text" maxLength={1000} autocomplete="off" />
        </label>
        <label>
          {t('due')}
          <input name="due" type="datetime-local" />
        </label>
        <button>{t('promise')}</button>
      </form>
    </details>
  );
}
