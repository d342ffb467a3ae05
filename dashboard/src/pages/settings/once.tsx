// A secret that is shown once.

import { type ReactNode, useState } from "react";

export function Once({
  title,
  text,
  onClose,
  children,
}: {
  title: string;
  text: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const [copied, setCopied] = useState(false);
  return (
    <section aria-label={title} className="panel border-accent px-4 py-3" data-testid="once">
      <h2 className="font-medium">{title}</h2>
      <p className="text-ink-2">{children}</p>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 rounded bg-sunk px-2 py-1 [overflow-wrap:anywhere]">{text}</code>
        <button
          type="button"
          className="button"
          onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
        >
          {copied ? "Copied" : "Copy"}
        </button>
        <button type="button" className="button" onClick={onClose}>
          I have it
        </button>
      </div>
    </section>
  );
}
