// Contacts, the latest first, with what was noted.

import { CallBack } from './Move';
import { chosen, queueTitle } from './names';
import type { Contact, Note } from './story';
import { moment, t, word } from './texts';

export function Contacts({ contacts, notes }: { contacts: (Contact & { notes?: Note[] })[]; notes: Note[] }) {
  return (
    <ol class="contacts">
      {contacts.map((contact) => (
        <li key={contact.id}>
          <time dateTime={new Date(contact.started_at).toISOString()}>{moment(contact.started_at)}</time>{' '}
          {summary(contact)}
          <CallBack contact={contact.id} at={moment(contact.started_at)} />
          {contact.for_somebody && <small> · {t('by_another')}</small>}
          {(contact.notes ?? notes.filter((note) => note.call === contact.id)).map((note, place) => (
            <p class="noted" key={place}>
              {note.text}
            </p>
          ))}
        </li>
      ))}
    </ol>
  );
}

function summary(contact: Contact): string {
  return [
    contact.topic && chosen('topics', contact.topic),
    contact.queue && queueTitle(contact.queue),
    contact.agent,
    contact.code ? chosen('codes', contact.code) : contact.outcome && word('came', contact.outcome),
  ]
    .filter(Boolean)
    .join(' · ');
}
