// A value that components follow and that outlasts the page.

import { useSyncExternalStore } from "react";

export interface Store<T> {
  get(): T;
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

/** A store in memory. */
export function store<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A store of one of some words, kept in the browser. */
export function kept<T extends string>(name: string, choices: readonly T[], fallback: T): Store<T> {
  const saved = localStorage.getItem(name) as T | null;
  const inner = store<T>(saved !== null && choices.includes(saved) ? saved : fallback);
  return {
    ...inner,
    set: (value) => {
      localStorage.setItem(name, value);
      inner.set(value);
    },
  };
}

export function useStore<T>(of: Store<T>): T {
  return useSyncExternalStore(of.subscribe, of.get);
}
