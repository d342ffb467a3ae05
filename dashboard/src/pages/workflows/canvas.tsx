// The pipeline as a drawing: steps in a row, loops as boxes around them; steps are moved by dragging.

import { Background, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { memo, useEffect, useMemo, useState } from "react";
import { words } from "@/lib/format";
import { boxes, type Draft, dropped, STEP, xOf } from "./pipeline";

export type Chosen = { kind: "step"; key: string } | { kind: "loop"; name: string } | undefined;

type StepNode = Node<{ role: string; note: string; number: number; chosen: boolean; judges: boolean }, "step">;
type LoopNode = Node<{ name: string; max: number; chosen: boolean; empty: boolean }, "loop">;

/** Roles whose steps end a loop or send it round. */
const JUDGES = ["checker", "reviewer"];

const Step = memo(({ data }: NodeProps<StepNode>) => (
  <div
    className={`flex h-full flex-col justify-center rounded-lg border bg-panel px-3 ${data.chosen ? "border-accent ring-2 ring-accent" : "border-line-strong"}`}
  >
    <Handle type="target" position={Position.Left} className="opacity-0" />
    <span className="flex items-center gap-2">
      <span className="text-xs text-ink-3">{data.number}</span>
      <span className={`truncate font-medium ${data.judges ? "text-violet" : ""}`}>{data.role}</span>
    </span>
    <span className="truncate text-xs text-ink-3">{data.note}</span>
    <Handle type="source" position={Position.Right} className="opacity-0" />
  </div>
));

const Loop = memo(({ data }: NodeProps<LoopNode>) => (
  <div
    className={`h-full rounded-xl border border-dashed ${data.chosen ? "border-accent bg-accent-soft" : "border-violet bg-violet-soft"}`}
  >
    <p className="flex justify-between gap-2 px-3 pt-1.5 text-xs font-medium text-violet">
      <span className="truncate">↻ {data.name}</span>
      <span className="whitespace-nowrap">at most {data.max}</span>
    </p>
    {data.empty ? <p className="px-3 pt-8 text-xs text-ink-2">Drag a step here</p> : null}
  </div>
));

const TYPES = { step: Step, loop: Loop };

interface Props {
  draft: Draft;
  names: ReadonlyMap<string, string>;
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
  /** Absent where nothing may be changed. */
  onMove?: ((key: string, to: number, loop: string | null) => void) | undefined;
}

export default function Canvas({ draft, names, chosen, onChoose, onMove }: Props) {
  const [dragged, setDragged] = useState<{ key: string; x: number; y: number }>();
  const nodes = useMemo(() => drawn(draft, names, chosen, dragged), [draft, names, chosen, dragged]);
  const edges = useMemo(() => arrows(draft), [draft]);
  const [fit, setFit] = useState(0);
  const length = draft.steps.length + draft.loops.length;
  // The view is fitted anew where the drawing grows or shrinks.
  useEffect(() => setFit(length), [length]);
  return (
    <div className="h-64 overflow-hidden rounded-lg border border-line bg-sunk" data-testid="pipeline">
      <ReactFlow
        key={fit}
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        fitView
        fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
        minZoom={0.2}
        maxZoom={1.5}
        nodesDraggable={onMove !== undefined}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        zoomOnScroll={false}
        preventScrolling={false}
        proOptions={{ hideAttribution: true }}
        onNodeClick={(_, node) =>
          onChoose(node.type === "loop" ? { kind: "loop", name: node.id.slice(5) } : { kind: "step", key: node.id })
        }
        onPaneClick={() => onChoose(undefined)}
        onNodeDrag={(_, node) => setDragged({ key: node.id, ...node.position })}
        onNodeDragStop={(_, node) => {
          setDragged(undefined);
          const { to, loop } = dropped(draft, node.id, node.position.x);
          onMove?.(node.id, to, loop);
        }}
      >
        <Background gap={18} size={1} color="var(--line-strong)" />
      </ReactFlow>
    </div>
  );
}

function drawn(
  draft: Draft,
  names: ReadonlyMap<string, string>,
  chosen: Chosen,
  dragged: { key: string; x: number; y: number } | undefined,
): Array<StepNode | LoopNode> {
  const around = boxes(draft).map((box): LoopNode => {
    const inside = draft.steps.filter((step) => step.in_loop === box.name).length;
    return {
      id: `loop:${box.name}`,
      type: "loop",
      position: { x: box.x, y: STEP.top - 34 },
      width: box.width,
      height: STEP.height + 52,
      draggable: false,
      zIndex: 0,
      data: {
        name: box.name,
        max: box.max,
        chosen: chosen?.kind === "loop" && chosen.name === box.name,
        empty: inside === 0,
      },
    };
  });
  const steps = draft.steps.map((step, index): StepNode => {
    const persona = step.persona ? (names.get(step.persona) ?? "a persona") : undefined;
    const { key } = step;
    return {
      id: key,
      type: "step",
      position: dragged?.key === key ? { x: dragged.x, y: dragged.y } : { x: xOf(index), y: STEP.top },
      width: STEP.width,
      height: STEP.height,
      zIndex: dragged?.key === key ? 3 : 2,
      data: {
        role: persona ?? (step.role ? words(step.role) : "choose a persona"),
        note: persona ? "persona" : (step.model ?? step.cli_tool ?? "model of its role"),
        number: index + 1,
        chosen: chosen?.kind === "step" && chosen.key === key,
        judges: step.role ? JUDGES.includes(step.role) : false,
      },
    };
  });
  return [...around, ...steps];
}

function arrows(draft: Draft): Edge[] {
  return draft.steps.slice(1).map((step, index) => ({
    id: `${index}-${step.key}`,
    source: draft.steps[index]?.key ?? "",
    target: step.key,
    type: "straight",
    zIndex: 1,
    focusable: false,
    style: { stroke: "var(--ink-3)", strokeWidth: 1.5 },
    markerEnd: { type: "arrowclosed" as never, color: "var(--ink-3)", width: 16, height: 16 },
  }));
}
