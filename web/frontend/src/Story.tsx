import type { Pop } from './messages';
import { t } from './texts';

export function Story({ pop }: { pop: Pop }) {
  return (
    <section class="story">
      <h2>{t('contacts')}</h2>
      <dl>
        <dt>{t('why')}</dt>
        <dd>{pop.why}</dd>
        <dt>{t('path')}</dt>
        <dd>{pop.path.join(' → ')}</dd>
      </dl>
    </section>
  );
}
