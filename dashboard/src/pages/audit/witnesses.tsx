// Who else has signed: witnesses remember what they saw, so that a log cannot be written anew unnoticed.

import { useQuery } from "@tanstack/react-query";
import { WaybillError } from "@waybill";
import { client } from "@/app/session";
import { count } from "@/lib/format";
import { parseCheckpoint } from "@/lib/merkle";
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

/** `size` is that of the last signed checkpoint. */
export function Witnesses({ size, head }: { size: number; head: number | null }) {
  const found = useQuery({
    queryKey: ["witnessed", head],
    queryFn: ({ signal }) => witnessed(signal),
    placeholderData: (held) => held,
  });
  const checkpoint = found.data?.checkpoint;
  const others = checkpoint?.signatures.filter(({ name }) => name !== checkpoint.origin) ?? [];
  return (
    <Section
      title="Witnesses"
      aside={found.data && others.length > 0 ? <Copy text={found.data.text}>Copy the note</Copy> : null}
    >
      <div className="px-3 py-3" data-testid="witnesses">
        {found.error ? <p className="text-bad">{found.error.message}</p> : null}
        {checkpoint && others.length > 0 ? (
          <>
            <p className="text-ink-2">
              {count(checkpoint.size)} events are cosigned
              {checkpoint.time ? `, signed ${absolute(Date.parse(checkpoint.time), "local", Date.now(), true)}` : ""}
              {size > checkpoint.size ? `; ${count(size - checkpoint.size)} since wait for a witness` : ""}.
            </p>
            <ul className="mt-2 space-y-1">
              {others.map(({ name, signature }) => (
                <li key={`${name} ${signature}`} className="flex items-center gap-2">
                  <StatusMark status="completed" bare />
                  <code className="[overflow-wrap:anywhere]">{name}</code>
                </li>
              ))}
            </ul>
          </>
        ) : found.isSuccess ? (
          <>
            <p className="text-ink-2">
              No witness has cosigned this log. Whoever holds its key could write another history; somebody elsewhere
              who remembers what was signed would notice.
            </p>
            <pre
              className="mt-2 overflow-x-auto rounded-md border border-line bg-sunk px-3 py-2 text-sm"
              tabIndex={0}
            >{`waybill keys new witness.example/w1 --out w.key
waybill witness --of ${location.origin} --token TOKEN --key w.key --every 10s --offer`}</pre>
          </>
        ) : null}
      </div>
    </Section>
  );
}
