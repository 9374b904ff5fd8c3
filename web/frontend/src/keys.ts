// The keyboard: a key presses, or goes to, whatever on the page names it (`aria-keyshortcuts`). Who types, or whose
// screen reader has keys of its own, is left alone: they can be turned off.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { TextName } from './texts';

export const KEYS: [string, TextName][] = [
  ['Space', 'answer'],
  ['h', 'do_hold'],
  ['m', 'mute'],
  ['k', 'keypad'],
  ['t', 'transfer'],
  ['Shift+X', 'hang_up'],
  ['f', 'finish'],
  ['e', 'more_time'],
  ['a', 'available'],
  ['z', 'pause'],
  ['n', 'note'],
  ['o', 'outcome'],
  ['c', 'new_case'],
  ['p', 'new_promise'],
  ['i', 'note_name'],
  ['/', 'search'],
  ['d', 'devices'],
  ['b', 'go_desk'],
  ['?', 'keys'],
];
const TYPED_IN = 'input:not([type=checkbox], [type=range]), textarea, select, [contenteditable]';
const OFF = 'keys:off';

export const keysOn = signal(localStorage.getItem(OFF) === null);

export function turnKeys(on: boolean): void {
  keysOn.value = on;
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, '1');
}

export function useKeys(): void {
  useEffect(() => {
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}

function pressed(event: KeyboardEvent): void {
  const on = event.target as HTMLElement;
  if (event.key === 'Escape' && on.matches(TYPED_IN)) return on.blur();
  if (!keysOn.value || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (on.closest(TYPED_IN) || document.querySelector('dialog[open]')) return;
  const key = named(event);
  const meant = [...document.querySelectorAll<HTMLElement>(`[aria-keyshortcuts~="${CSS.escape(key)}"]`)].find(
    (each) => each.checkVisibility() && !each.matches(':disabled'),
  );
  if (!meant) return;
  event.preventDefault();
  if (meant.matches('textarea, select, input')) meant.focus();
  else press(meant);
}

/** As `aria-keyshortcuts` has it: `Space`, `h`, `Shift+X`, `?`. */
function named(event: KeyboardEvent): string {
  if (event.code === 'Space') return 'Space';
  const letter = event.key.toLowerCase() !== event.key.toUpperCase();
  return event.shiftKey && letter ? `Shift+${event.key.toUpperCase()}` : event.key;
}

/** A fold is opened, and its first field has the focus. */
function press(meant: HTMLElement): void {
  meant.click();
  if (meant.matches('summary'))
    meant.parentElement?.querySelector<HTMLElement>('input, select, textarea')?.focus();
}
