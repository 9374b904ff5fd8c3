// Which page is open: the part of the address after #. Nothing of it goes to the server.

import { signal } from '@preact/signals';

export type Route =
  | { page: 'desk' }
  | { page: 'search' }
  | { page: 'audit' }
  | { page: 'accounts' }
  | { page: 'devices' }
  | { page: 'person'; key: string; id: number };

export const route = signal<Route>(read());
window.addEventListener('hashchange', () => (route.value = read()));

function read(): Route {
  const [page, what = ''] = location.hash.replace(/^#\/?/, '').split('/');
  if (page === 'search' || page === 'audit' || page === 'accounts' || page === 'devices') return { page };
  if (page === 'person' && what) return { page, key: safely(what), id: 0 };
  if (page === 'person-id' && /^\d+$/.test(what)) return { page: 'person', key: '', id: Number(what) };
  return { page: 'desk' };
}

function safely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

export const toPerson = (key: string) => `#/person/${encodeURIComponent(key)}`;
export const toPersonId = (id: number) => `#/person-id/${id}`;

export function goTo(hash: string): void {
  location.hash = hash;
}

/** Whoever signs in next begins at the desk. */
export function forget(): void {
  if (location.hash) history.replaceState(null, '', location.pathname);
  route.value = { page: 'desk' };
}
