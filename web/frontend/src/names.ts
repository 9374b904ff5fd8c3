// What the server names by a word, as people call it.

import { me, queues } from './state';
import { titled, word } from './texts';

type Choices = 'reasons' | 'codes' | 'topics';

export function chosen(which: Choices, name: string): string {
  return titled(me.value?.[which].find((one) => one.name === name)?.title ?? {}, name);
}

export function queueTitle(name: string): string {
  return titled(queues.value.find((queue) => queue.name === name)?.title ?? {}, name);
}

/** What somebody asked for: {slow_speech: true, …}. */
export function wishes(preferences: Record<string, unknown>): string {
  return Object.keys(preferences)
    .map((name) => word('wish', name))
    .join(', ');
}
