// One's own figures of today, as the reports count them.

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { readDay, type OwnDayData } from './library';
import { state } from './state';
import { duration, t } from './texts';

const RECORDED_AFTER_MS = 1_500; // what just happened is in the history by then
const AGAIN_MS = 60_000;

export function OwnDay() {
  const found = useSignal<OwnDayData | null>(null);
  useEffect(() => {
    const look = () =>
      void readDay()
        .then((day) => (found.value = day))
        .catch(() => undefined); // the old figures stay, and the next look comes
    const soon = setTimeout(look, found.value ? RECORDED_AFTER_MS : 0);
    const again = setInterval(look, AGAIN_MS);
    return () => {
      clearTimeout(soon);
      clearInterval(again);
    };
  }, [state.value?.state, state.value?.status]);

  const day = found.value;
  if (!day) return null;
  const mean = day.handled ? duration((day.talk_ms + day.wrap_up_ms) / day.handled) : '—';
  const figures = [
    [t('day_answered'), String(day.answered)],
    [t('day_talk'), duration(day.talk_ms)],
    [t('day_wrap_up'), duration(day.wrap_up_ms)],
    [t('day_aht'), mean],
    [t('day_pauses'), day.pauses ? `${day.pauses} · ${duration(day.pause_ms)}` : '0'],
    [t('day_missed'), String(day.not_accepted)],
  ];
  return (
    <section class="day" aria-label={t('my_day')}>
      <h2>{t('my_day')}</h2>
      <dl>
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="figure">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
