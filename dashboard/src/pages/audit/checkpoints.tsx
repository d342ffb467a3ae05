// What proves the log: its signed checkpoint, its keys, and a check of every byte on demand.

import { useMutation, useQuery } from "@tanstack/react-query";
import { WaybillError } from "@waybill";
import { client } from "@/app/session";
import { useStatus } from "@/data/live";
import { bytes, count } from "@/lib/format";
import { isBehind, isSigned, parseCheckpoint } from "@/lib/merkle";
import { absolute } from "@/lib/time";
import { ProblemNote, Section, StatusMark } from "@/ui/bits";
import { Copy } from "@/ui/log";
import { SeenBefore } from "./seen";
import { Witnesses } from "./witnesses";

interface Keys {
  log: string;
  key: string;
  earlier: string[];
}

interface Report {
  verified: boolean;
  nothing_altered: boolean;
  nothing_missing: boolean;
  events: number;
  streams: number;
  commits: number;
  blocks: number;
  bytes: number;
  stored_bytes: number;
  fault_count: number;
  faults: unknown[];
  notes: string[];
}

export function Checkpoints() {
  const { head } = useStatus();
  const note = useQuery({
    queryKey: ["note"],
    queryFn: async ({ signal }) => {
      const [text, keys] = await Promise.all([
        client().http.text("/v1/log/checkpoint", signal),
        client().http.json<Keys>("/v1/log/key", signal),
      ]);
      const checkpoint = parseCheckpoint(text);
      const signed = checkpoint ? await isSigned(checkpoint, keys.key).catch(() => null) : false;
      return { text, keys, checkpoint, signed };
    },
    // What came last is signed within a second.
    refetchInterval: ({ state }) => (isBehind(state.data?.checkpoint, head) ? 1000 : false),
  });
  const held = note.data;
  return (
    <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4 lg:grid-cols-2">
      <Section title="Signed checkpoint" aside={held ? <Copy text={held.text}>Copy the note</Copy> : null}>
        {held?.checkpoint ? (
          <div className="px-3 py-3">
            <p className="flex items-center gap-2 font-medium">
              <StatusMark status={held.signed === false ? "failed" : held.signed ? "completed" : "pending"} bare />
              {held.signed === null
                ? "This browser cannot check Ed25519"
                : held.signed
                  ? "The signature is the log’s own"
                  : "The signature does not fit the log’s key"}
            </p>
            <dl className="mt-3 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
              <dt className="text-ink-3">Events</dt>
              <dd>{count(held.checkpoint.size)}</dd>
              <dt className="text-ink-3">Signed</dt>
              <dd>
                {held.checkpoint.time ? absolute(Date.parse(held.checkpoint.time), "local", Date.now(), true) : "–"}
              </dd>
              <dt className="text-ink-3">Signatures</dt>
              <dd>
                {held.checkpoint.signatures.length === 1
                  ? "the log’s"
                  : `the log’s, and ${held.checkpoint.signatures.length - 1} of witnesses`}
              </dd>
              <dt className="text-ink-3">Root</dt>
              <dd className="font-mono text-sm [overflow-wrap:anywhere]">{held.checkpoint.root}</dd>
              <dt className="text-ink-3">Key</dt>
              <dd className="font-mono text-sm [overflow-wrap:anywhere]">{held.keys.key}</dd>
              <dt className="text-ink-3">Earlier keys</dt>
              <dd>{held.keys.earlier.length === 0 ? "none" : held.keys.earlier.length}</dd>
            </dl>
          </div>
        ) : (
          <p className="px-3 py-6 text-center text-ink-3">
            {note.error ? note.error.message : "Nothing has been signed yet."}
          </p>
        )}
      </Section>
      <Verify />
      {held?.checkpoint ? (
        <>
          <SeenBefore checkpoint={held.checkpoint} />
          <Witnesses last={held.checkpoint} text={held.text} logKey={held.keys.key} />
        </>
      ) : null}
    </div>
  );
}

function Verify() {
  const verify = useMutation({
    mutationFn: async () => {
      const headers = { "content-type": "application/json" };
      return (
        await client().http.request("/v1/log/verify", { method: "POST", headers, body: "{}" })
      ).json() as Promise<Report>;
    },
  });
  const { data } = verify;
  return (
    <Section title="Verify the whole log">
      <div className="px-3 py-3">
        <p className="text-ink-2">
          Reads every record and checks checksums, positions, streams, commits, the tree and its signature. Nothing
          altered and nothing missing are separate answers.
        </p>
        <button
          type="button"
          className="button primary mt-3"
          disabled={verify.isPending}
          onClick={() => verify.mutate()}
        >
          {verify.isPending ? "Reading the log…" : "Verify now"}
        </button>
        {verify.error instanceof WaybillError ? (
          <div className="mt-3">
            <ProblemNote problem={verify.error.problem} />
          </div>
        ) : null}
        {data ? (
          <div className="mt-4" role="status">
            <p className="flex items-center gap-2 font-medium">
              <StatusMark status={data.nothing_altered ? "completed" : "failed"} bare />
              {data.nothing_altered ? "Nothing was altered" : "Something was altered"}
            </p>
            <p className="flex items-center gap-2 font-medium">
              <StatusMark status={data.nothing_missing ? "completed" : "failed"} bare />
              {data.nothing_missing ? "Nothing is missing" : "Something is missing"}
            </p>
            <p className="mt-2 text-ink-2">
              {count(data.events)} events in {count(data.streams)} streams, {count(data.commits)} commits,{" "}
              {count(data.blocks)} blocks; {bytes(data.bytes)} stored in {bytes(data.stored_bytes)}.
            </p>
            {data.faults.map((fault) => (
              <pre key={JSON.stringify(fault)} className="mt-2 overflow-x-auto text-sm text-bad">
                {JSON.stringify(fault, null, 2)}
              </pre>
            ))}
            {data.notes.map((each) => (
              <p key={each} className="text-warn">
                {each}
              </p>
            ))}
          </div>
        ) : null}
      </div>
    </Section>
  );
}
