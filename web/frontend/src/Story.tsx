// What is known of the caller. Every text in it came from outside and is shown as text.

import { Path } from './Path';
import type { Pop } from './messages';
import { moment, t } from './texts';

interface Contact {
  id: string;
  started_at: number;
  queue: string | null;
  agent: string | null;
  topic: string | null;
  outcome: string | null;
  code: string | null;
}
interface Note {
  call: string;
  at: number;
  author: string;
  text: string;
}
interface Case {
  id: string;
  number: string;
  title: string | null;
  status: string;
}
interface PromiseMade {
  id: string;
  kind: string;
  text: string | null;
  due_until: number | null;
  outcome: string | null;
}
export interface StoryData {
  confidence: string;
  person: { name: string | null; languages: string[] | null; preferences: Record<string, unknown> | null } | null;
  others: { person: string; name: string | null }[];
  today: Contact[];
  contacts: Contact[];
  notes: Note[];
  cases: Case[];
  promises: PromiseMade[];
}

export function Story({ pop }: { pop: Pop }) {
  const story = pop.story as StoryData | null;
  return (
    <section class="story">
      <Path pop={pop} />
      {story ? <Known story={story} /> : <p class="notice">{t('no_story')}</p>}
    </section>
  );
}

function Known({ story }: { story: StoryData }) {
  const person = story.person;
  return (
    <>
      <h2>{person?.name ?? t('unknown')}</h2>
      <p>
        {t('sure', { how: story.confidence || '—' })}
        {person?.languages?.length ? ` · ${person.languages.join(', ')}` : ''}
      </p>
      {person?.preferences && Object.keys(person.preferences).length > 0 && (
        <p class="preferences">{Object.keys(person.preferences).join(', ')}</p>
      )}
      {story.others.length > 0 && (
        <p>
          {t('others')}: {story.others.map((other) => other.name ?? '?').join(', ')}
        </p>
      )}
      {story.cases.length > 0 && (
        <>
          <h3>{t('cases')}</h3>
          <ul>
            {story.cases.map((one) => (
              <li key={one.id}>
                {one.number} {one.title} ({one.status})
              </li>
            ))}
          </ul>
        </>
      )}
      {story.promises.length > 0 && (
        <>
          <h3>{t('promises')}</h3>
          <ul>
            {story.promises.map((one) => (
              <li key={one.id}>
                {one.text ?? one.kind} {one.due_until && t('until', { when: moment(one.due_until) })} {one.outcome}
              </li>
            ))}
          </ul>
        </>
      )}
      {story.today.length > 0 && (
        <>
          <h3>{t('today')}</h3>
          <Contacts contacts={story.today} notes={[]} />
        </>
      )}
      <h3>{t('contacts')}</h3>
      {story.contacts.length ? <Contacts contacts={story.contacts} notes={story.notes} /> : <p>{t('no_contacts')}</p>}
    </>
  );
}

function Contacts({ contacts, notes }: { contacts: Contact[]; notes: Note[] }) {
  return (
    <ol class="contacts">
      {contacts.map((contact) => (
        <li key={contact.id}>
          <time dateTime={new Date(contact.started_at).toISOString()}>{moment(contact.started_at)}</time>{' '}
          {[contact.topic, contact.queue, contact.agent, contact.code ?? contact.outcome].filter(Boolean).join(' · ')}
          {notes
            .filter((note) => note.call === contact.id)
            .map((note) => (
              <p class="noted" key={`${note.call}${note.at}`}>
                {note.text}
              </p>
            ))}
        </li>
      ))}
    </ol>
  );
}
