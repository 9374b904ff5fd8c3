// What happens on the line, said to whoever does not see the page.

import { pop, state } from './state';
import { talk } from './phone';
import { t, titled } from './texts';

export function Announcer() {
  return (
    <p class="hidden" role="status" aria-live="assertive" data-announcer>
      {says()}
    </p>
  );
}

function says(): string {
  const mine = state.value;
  if (!mine) return '';
  const call = pop.value;
  const who = call?.name || call?.number || t('withheld');
  if (talk.value === 'ringing' || mine.state === 'ringing' || mine.state === 'offered')
    return call ? t('says_ringing', { who, queue: titled(call.title, call.queue) }) : '';
  if (mine.state === 'talking') return t('says_talking', { who });
  if (mine.state === 'hold' || mine.state === 'wrap_up' || mine.state === 'not_responding')
    return t(`says_${mine.state}`);
  return t(`says_${mine.status}`);
}
