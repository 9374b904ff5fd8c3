// How the call came here: the queue's guide, why this agent, and what was heard and pressed before.

import type { Pop } from './messages';
import { t, titled } from './texts';

export function Path({ pop }: { pop: Pop }) {
  const [guide, why] = [titled(pop.guide, ''), titled(pop.why, '')];
  return (
    <dl>
      {guide && (
        <>
          <dt>{t('guide')}</dt>
          <dd class="guide">{guide}</dd>
        </>
      )}
      <dt>{t('why')}</dt>
      <dd>
        {pop.skills.length === 0 && t('anyone')}
        {pop.skills.map((skill) => t('skill', { name: skill.name, asked: skill.asked, has: skill.has })).join(' · ')}
        {pop.widened > 0 && ` · ${t('widened', { n: pop.widened })}`}
        {why && <small class="reason">{why}</small>}
      </dd>
      <dt>{t('path')}</dt>
      <dd>
        <Pressed pop={pop} />
        <details>
          <summary>{t('heard')}</summary>
          <ol class="heard">
            {pop.path.map((step, place) => (
              <li key={place}>
                {titled(step.text, '') || <small>{step.step}</small>}
              </li>
            ))}
          </ol>
        </details>
      </dd>
    </dl>
  );
}

function Pressed({ pop }: { pop: Pop }) {
  if (pop.choices.length === 0) return <p>{t('nothing_pressed')}</p>;
  return (
    <ol class="pressed">
      {pop.choices.map((chosen, place) => (
        <li key={place}>
          <kbd>{chosen.digits || '—'}</kbd> {chosen.step}
          {chosen.choice && ` → ${chosen.choice}`}
        </li>
      ))}
    </ol>
  );
}
