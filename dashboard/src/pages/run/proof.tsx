// The badge of proof: whether a signed checkpoint covers the run, checked here, and the bundle to take away.

import { useQuery } from "@tanstack/react-query";
import { WaybillError } from "@waybill";
import { useState } from "react";
import { client } from "@/app/session";
import { download } from "@/lib/download";
import { count } from "@/lib/format";
import { isBehind, isSigned, leafHash, parseCheckpoint, rootOf } from "@/lib/merkle";
import { absolute } from "@/lib/time";
import { Dialog } from "@/ui/bits";

interface Props {
  run: string;
  /** What the page shows reflects the log up to here. */
  position: number | null | undefined;
  ended: boolean;
}

export function Proof({ run, position, ended }: Props) {
  const [open, setOpen] = useState(false);
  // Everything that is acknowledged is signed within a second: until then it is asked for again, at most that often.
  const signed = useQuery({
    queryKey: ["checkpoint"],
    queryFn: async ({ signal }) => parseCheckpoint(await client().http.text("/v1/log/checkpoint", signal)),
    refetchInterval: ({ state }) => (isBehind(state.data, position) ? 1000 : false),
  });
  const checkpoint = signed.data;
  const covers = checkpoint && typeof position === "number" && !isBehind(checkpoint, position);
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className={`inline-flex h-6 items-center gap-1.5 rounded-md px-2 text-sm font-medium ${covers ? "bg-accent-soft text-accent" : "bg-sunk text-ink-2"}`}
      >
        <svg viewBox="0 0 16 16" className="size-3.5" aria-hidden="true">
          <path
            d="M8 1.8 13 4v4c0 3.2-2.2 5.3-5 6.3C5.2 13.3 3 11.2 3 8V4zM5.8 8l1.6 1.6 2.9-3.2"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
        {covers ? `Signed at ${count(checkpoint.size)}` : "Not signed yet"}
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} label="Proof of this run">
        <Panel run={run} ended={ended} />
      </Dialog>
    </>
  );
}

interface Inclusion {
  position: number;
  size: number;
  leaf: string;
  root: string;
  proof: string[];
  checkpoint: string;
}

interface Checked {
  events: number;
  first: number;
  last: number;
  size: number;
  time: string | undefined;
  inclusion: boolean;
  signature: boolean | "unknown";
  root: string;
}

/** Reads the first and last record of the run as they are stored, and follows their paths to the signed root. */
async function check(run: string): Promise<Checked> {
  const { http } = client();
  const positions: number[] = [];
  let after: number | null = null;
  for (let more = true; more; ) {
    const page = await http.events({ stream: `run-${run}`, limit: 10_000, after });
    positions.push(...page.events.map((event) => event.position));
    [after, more] = [page.after, page.more];
  }
  const ends = [positions[0] ?? 0, positions.at(-1) ?? 0];
  const { key } = await http.json<{ key: string }>("/v1/log/key");
  let inclusion = true;
  let note = "";
  let size: number | undefined;
  for (const position of ends.reverse()) {
    const at = size === undefined ? "" : `&size=${size}`;
    const said = await http.json<Inclusion>(`/v1/log/proof/inclusion?position=${position}${at}`);
    size ??= said.size;
    note ||= said.checkpoint;
    const range = position === 0 ? "limit=1" : `after=${position - 1}&limit=1`;
    const record = await http.request(`/v1/events?${range}`, {
      headers: { accept: "application/vnd.waybill.records" },
    });
    const leaf = await leafHash(new Uint8Array(await record.arrayBuffer()));
    const root = await rootOf(leaf, position, said.size, said.proof);
    inclusion &&= leaf === said.leaf && root === parseCheckpoint(note)?.root;
  }
  const checkpoint = parseCheckpoint(note);
  if (!checkpoint) throw new Error("the checkpoint is no signed note");
  // A browser without Ed25519 says so rather than guessing.
  const signature = await isSigned(checkpoint, key).catch(() => "unknown" as const);
  return {
    events: positions.length,
    first: ends[1] ?? 0,
    last: ends[0] ?? 0,
    size: checkpoint.size,
    time: checkpoint.time,
    inclusion,
    signature,
    root: checkpoint.root,
  };
}

function Panel({ run, ended }: { run: string; ended: boolean }) {
  const checked = useQuery({ queryKey: ["proof", run, ended], queryFn: () => check(run), gcTime: 0 });
  const [busy, setBusy] = useState(false);
  const take = async () => {
    setBusy(true);
    await download(`/v1/log/evidence/${run}`, `evidence-${run}.tar`).finally(() => setBusy(false));
  };
  const { data } = checked;
  const good = data?.inclusion && data.signature === true;
  return (
    <div className="p-5">
      <h2 className="text-lg font-semibold">
        {data
          ? good
            ? "First and last event are in the signed log"
            : data.inclusion
              ? "In the signed tree"
              : "This run does not fit the signed tree"
          : "Checking…"}
      </h2>
      <p className="mt-1 text-ink-2">
        The stored bytes of the run’s first and last event are hashed here in the browser, and followed to the root that
        the server’s key has signed.
      </p>
      {checked.error ? (
        <p role="alert" className="mt-3 text-bad">
          {checked.error instanceof WaybillError
            ? `${checked.error.message}. ${checked.error.hint ?? ""}`
            : checked.error.message}
        </p>
      ) : null}
      {data ? (
        <dl className="mt-4 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
          <Fact
            name="Events of the run"
            value={`${count(data.events)}, positions ${count(data.first)} to ${count(data.last)}`}
          />
          <Fact
            name="Inclusion"
            value={data.inclusion ? "✓ both paths lead to the root" : "✗ a path leads elsewhere"}
            bad={!data.inclusion}
          />
          <Fact
            name="Signature"
            value={
              data.signature === "unknown"
                ? "this browser cannot check Ed25519"
                : data.signature
                  ? "✓ Ed25519, the log’s own key"
                  : "✗ not by the log’s key"
            }
            bad={data.signature === false}
          />
          <Fact
            name="Checkpoint"
            value={`${count(data.size)} events${data.time ? `, ${absolute(Date.parse(data.time), "local", Date.now(), true)}` : ""}`}
          />
          <Fact name="Root" value={data.root} mono />
        </dl>
      ) : null}
      <div className="mt-5 flex gap-2">
        <button type="button" className="button primary" disabled={busy} onClick={take}>
          Download the evidence
        </button>
        <p className="self-center text-sm text-ink-3">
          <code>waybill-verify</code> checks it offline, every event of it.
        </p>
      </div>
    </div>
  );
}

function Fact({
  name,
  value,
  bad = false,
  mono = false,
}: {
  name: string;
  value: string;
  bad?: boolean;
  mono?: boolean;
}) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd
        className={`[overflow-wrap:anywhere] ${bad ? "font-medium text-bad" : ""} ${mono ? "font-mono text-sm" : ""}`}
      >
        {value}
      </dd>
    </>
  );
}
