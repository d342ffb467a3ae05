// A button with a panel below it, which closes when the reader turns elsewhere.

import { type ReactNode, useEffect, useRef } from "react";

interface Props {
  label: ReactNode;
  /** Classes of the panel. */
  className?: string;
  children: ReactNode;
}

export function Menu({ label, className = "w-44", children }: Props) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const held = details.current;
      if (!held?.open) return;
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !held.contains(event.target as Node)) {
        held.open = false;
      }
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("keydown", close);
    };
  }, []);
  return (
    <details ref={details} className="relative">
      <summary className="button list-none">{label}</summary>
      <div
        className={`panel absolute right-0 z-20 mt-1 grid max-w-[calc(100vw-24px)] gap-0.5 p-2 shadow-lg shadow-(color:--shadow) ${className}`}
      >
        {children}
      </div>
    </details>
  );
}
