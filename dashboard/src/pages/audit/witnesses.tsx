// Who else has signed: witnesses remember what they saw, so that a log cannot be written anew unnoticed.

import { useQuery } from "@tanstack/react-query";
import { WaybillError } from "@waybill";
import { useState } from "react";
import { client } from "@/app/session";
import { count } from "@/lib/format";
import { type Checkpoint, parseCheckpoint } from "@/lib/merkle";
import { absolute } from "@/lib/time";
import { Section, StatusMark } from "@/ui/bits";
import { Copy } from "@/ui/log";

/** The last checkpoint that a witness has cosigned; `null` where none has. */
async function witnessed(signal: AbortSignal) {
  try {
    const text = await client().http.text("/v1/log/checkpoint?witnessed=1", signal);
    return { text, checkpoint: parseCheckpoint(text) };
  } catch (error) {
    if (error instanceof WaybillError && error.problem.status === 404) return null;
    throw error;
  }
}

/** Signatures of others: those of the log itself bear the name of its key, `name+hash+base64`. */
export function cosigned(checkpoint: Checkpoint, key: string): Checkpoint["signatures"] {
  const [own] = key.split("+");
  return checkpoint.signatures.filter(({ name }) => name !== own);
}

/** `last` is the last signed checkpoint, `text` its note, `logKey` what signs for the log. */
export function Witnesses({ last, text, logKey }: { last: Checkpoint; text: string; logKey: string }) {
  const fresh = cosigned(last, logKey).length > 0;
  const [asked, setAsked] = useState(false);
  // Where the last one is cosigned nothing needs asking; an earlier one is looked for when somebody wants it.
  const earlier = useQuery({
    queryKey: ["witnessed", last.size],
    queryFn: ({ signal }) => witnessed(signal),
    enabled: asked && !fresh,
    placeholderData: (held) => held,
  });
  const checkpoint = fresh ? last : earlier.data?.checkpoint;
  const note = fresh ? text : earlier.data?.text;
  return (
    <Section title="Witnesses" aside={checkpoint && note ? <Copy text={note}>Copy the note</Copy> : null}>
      <div className="space-y-2 px-3 py-3" data-testid="witnesses">
        {earlier.error ? <p className="text-bad">{earlier.error.message}</p> : null}
        {checkpoint ? (
          <Cosigned checkpoint={checkpoint} size={last.size} logKey={logKey} />
        ) : asked && earlier.isSuccess ? (
          <Nobody />
        ) : (
          <>
            <p className="text-ink-2">No witness has cosigned the last checkpoint.</p>
            <button type="button" className="button" disabled={asked} onClick={() => setAsked(true)}>
              Look for an earlier one that has been
            </button>
          </>
        )}
      </div>
    </Section>
  );
}

function Cosigned({ checkpoint, size, logKey }: { checkpoint: Checkpoint; size: number; logKey: string }) {
  const at = checkpoint.time;
  return (
    <>
      <p className="text-ink-2">
        {count(checkpoint.size)} events are cosigned
        {at ? `, signed ${absolute(Date.parse(at), "local", Date.now(), true)}` : ""}
        {size > checkpoint.size ? `; ${count(size - checkpoint.size)} since wait for a witness` : ""}.
      </p>
      <ul className="space-y-1">
        {cosigned(checkpoint, logKey).map(({ name, signature }) => (
          <li key={`${name} ${signature}`} className="flex items-center gap-2">
            <StatusMark status="completed" bare />
            <code className="[overflow-wrap:anywhere]">{name}</code>
          </li>
        ))}
      </ul>
    </>
  );
}

function Nobody() {
  return (
    <>
      <p className="text-ink-2">
        No witness has cosigned this log. Whoever holds its key could write another history; somebody elsewhere who
        remembers what was signed would notice.
      </p>
      <pre className="overflow-x-auto rounded-md border border-line bg-sunk px-3 py-2 text-sm" tabIndex={0}>
        {`waybill keys new witness.example/w1 --out w.key
waybill witness --of ${location.origin} --token TOKEN --key w.key --every 10s --offer`}
      </pre>
    </>
  );
}
