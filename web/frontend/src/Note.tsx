// The note on a call: nothing written is lost.

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { ask, connected, me } from './state';
import type { Pop } from './messages';
import type { StoryData } from './story';
import { t } from './texts';

const SAVE_AFTER_MS = 400;

/** Kept in this browser at each key, and sent a moment after the last; what was sent comes back with the call's story,
 * to this browser or another: nothing written is lost by a crash, and nothing is written over by an empty page. */
export function Note({ pop }: { pop: Pop }) {
  const kept = `note:${pop.call}`;
  const text = useSignal('');
  const saved = useSignal(true);
  const written = useSignal(''); // the call whose note is under the agent's hands: the story changes nothing in it

  useEffect(() => {
    if (written.value === pop.call) return;
    const unsent = localStorage.getItem(kept);
    text.value = unsent ?? noted(pop);
    saved.value = unsent === null;
  }, [pop.call, pop.story]);

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
  }, [text.value, saved.value, connected.value]);

  return (
    <div class="note">
      <label>
        {t('note')}
        <textarea
          rows={6}
          aria-keyshortcuts="n"
          maxLength={20_000}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            written.value = pop.call;
            saved.value = false;
            localStorage.setItem(kept, text.value);
          }}
        />
      </label>
      <small role="status">{text.value && t(saved.value ? 'note_saved' : 'note_unsaved')}</small>
    </div>
  );
}

/** What this agent wrote of this call before, as it was recorded. */
function noted(pop: Pop): string {
  const story = pop.story as StoryData | null;
  return story?.notes.find((note) => note.call === pop.call && note.author === me.value?.account)?.text ?? '';
}
