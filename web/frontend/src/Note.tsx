// The note on a call: nothing written is lost.

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { ask, connected } from './state';
import type { Pop } from './messages';
import { t } from './texts';

const SAVE_AFTER_MS = 400;

/** Kept in this browser at each key, and sent a moment after the last: nothing written is lost by a crash. */
export function Note({ pop }: { pop: Pop }) {
  const kept = `note:${pop.call}`;
  const text = useSignal(localStorage.getItem(kept) ?? '');
  const saved = useSignal(!localStorage.getItem(kept));

  useEffect(() => {
    text.value = localStorage.getItem(kept) ?? '';
    saved.value = !localStorage.getItem(kept);
  }, [pop.call, connected.value]);

  useEffect(() => {
    if (saved.value) return;
    const sent = text.value;
    const later = setTimeout(async () => {
      const done = await ask({ do: 'note', call: pop.call, text: sent });
      if (!done || text.value !== sent) return;
      saved.value = true;
      localStorage.removeItem(kept);
    }, SAVE_AFTER_MS);
    return () => clearTimeout(later);
  }, [text.value, saved.value]);

  return (
    <label class="note">
      {t('note')}
      <textarea
        rows={6}
        aria-keyshortcuts="n"
        maxLength={20_000}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          saved.value = false;
          localStorage.setItem(kept, text.value);
        }}
      />
      <small>{text.value && t(saved.value ? 'note_saved' : 'note_unsaved')}</small>
    </label>
  );
}
