// The queues as they stand: who waits, and for how long.

import { ask, queues, who } from './state';
import { duration, t, titled } from './texts';

export function Queues() {
  const steers = who.value?.may.includes('steer') ?? false;
  return (
    <section class="queues" aria-label={t('queues')}>
      <h2>{t('queues')}</h2>
      <table>
        <thead>
          <tr>
            <th>{t('queue')}</th>
            <th>{t('waiting')}</th>
            <th>{t('longest')}</th>
            <th>{t('ready')}</th>
            {steers && <th>{t('steer')}</th>}
          </tr>
        </thead>
        <tbody>
          {queues.value.map((queue) => (
            <tr key={queue.name}>
              <td>
                {titled(queue.title, queue.name)} {queue.closed && <small>{t('closed')}</small>}
              </td>
              <td class="figure">{queue.waiting}</td>
              <td class="figure">{duration(queue.longest_ms)}</td>
              <td class="figure">
                {queue.idle}/{queue.staffed}
              </td>
              {steers && (
                <td>
                  <button
                    class="quiet"
                    onClick={() => void ask({ do: 'set_queue', queue: queue.name, open: queue.closed, send_away: false })}
                  >
                    {t(queue.closed ? 'open' : 'close')}
                  </button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
