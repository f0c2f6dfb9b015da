import type { LinkState } from './follow.ts';

/** The element with this id; a page without it is a broken page. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element #${id}`);
  return element as T;
}

/** `make('td', 'number', '10')`: names and texts of players enter as text, never as markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: (string | Node)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

const linkTexts: Readonly<Record<LinkState, string>> = {
  connecting: 'connecting',
  live: 'live',
  waiting: 'reconnecting',
  hidden: 'paused',
};

export function showLinkState(element: HTMLElement, state: LinkState): void {
  element.dataset.state = state;
  element.textContent = linkTexts[state];
}

/** Restarts a CSS animation class. */
export function flash(element: HTMLElement, className = 'flash'): void {
  element.classList.remove(className);
  void element.offsetWidth;
  element.classList.add(className);
}

const grouped = new Intl.NumberFormat('en');

export function formatCount(count: number): string {
  return grouped.format(count);
}
