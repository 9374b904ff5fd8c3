// What is known of the caller, and what the agent says of them and of their matter.

import { t } from './texts';
import { Cases } from './Cases';
import { Contacts } from './Contacts';
import type { Pop } from './messages';
import { Path } from './Path';
import { Person } from './Person';
import { Promises } from './Promises';
import type { StoryData } from './story';

export function Story({ pop }: { pop: Pop }) {
  const story = pop.story as StoryData | null;
  return (
    <section class="story" aria-label={t('who_calls')}>
      {story && <Person pop={pop} story={story} />}
      <Path pop={pop} />
      {story ? (
        <>
          <Cases pop={pop} story={story} />
          <Promises pop={pop} story={story} />
          {story.today.length > 0 && (
            <>
              <h3>{t('today')}</h3>
              <Contacts contacts={story.today} notes={[]} />
            </>
          )}
          <h3>{t('contacts')}</h3>
          {story.contacts.length ? (
            <Contacts contacts={story.contacts} notes={story.notes} />
          ) : (
            <p>{t('no_contacts')}</p>
          )}
        </>
      ) : (
        <p class="notice">{t('no_story')}</p>
      )}
    </section>
  );
}
