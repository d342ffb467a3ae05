// The timeline: a row a step, bars to scale, loops as brackets. Compact, it is one strip.

import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import { duration, money, score, words } from "@/lib/format";
import { Chip, StatusMark } from "@/ui/bits";
import { type Bracket, bar, brackets, offset, type Span, type StepLine, spanOf, ticks } from "./layout";

const ROW = 28;
const GUTTER = 26;

interface Props {
  steps: readonly StepLine[];
  chosen: string | undefined;
  onChoose: (step: string) => void;
  /** The moment that the page shows: now, or that of its position. */
  instant: number;
}

const FILL: Record<string, string> = {
  completed: "fill-(--bar)",
  failed: "fill-(--bar-bad)",
  running: "fill-(--info)",
};
const fillOf = (status: string): string => FILL[status] ?? "fill-(--bar-quiet)";

export function Timeline({ steps, chosen, onChoose, instant }: Props) {
  const span = useMemo(() => spanOf(steps, instant), [steps, instant]);
  const loops = useMemo(() => brackets(steps), [steps]);
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: steps.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const at = steps.findIndex((step) => step.step === chosen);
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: "auto" });
  }, [at, rows]);
  const press = (event: KeyboardEvent) => {
    const move = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const next = move === undefined ? undefined : steps[Math.max(0, Math.min(steps.length - 1, at + move))];
    if (!next) return;
    event.preventDefault();
    onChoose(next.step);
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <Axis span={span} />
      <div
        ref={box}
        role="listbox"
        aria-label="Steps"
        aria-activedescendant={at >= 0 ? `step-${at}` : undefined}
        tabIndex={0}
        onKeyDown={press}
        className="min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2"
      >
        <div className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => {
            const step = steps[item.index];
            if (!step) return null;
            return (
              <Row
                key={step.step}
                step={step}
                index={item.index}
                top={item.start}
                span={span}
                instant={instant}
                chosen={step.step === chosen}
                onChoose={onChoose}
              />
            );
          })}
          <Brackets loops={loops} height={rows.getTotalSize()} />
        </div>
      </div>
    </div>
  );
}

const TRACKS =
  "grid grid-cols-[26px_minmax(90px,1.4fr)_minmax(48px,1fr)_54px] items-center gap-x-2 pr-3 sm:grid-cols-[26px_minmax(140px,1.4fr)_minmax(80px,1.2fr)_60px_56px]";

function Axis({ span }: { span: Span }) {
  const whole = span.to - span.from;
  return (
    <div className={`${TRACKS} h-7 shrink-0 border-b border-line text-xs text-ink-3`} aria-hidden="true">
      <span />
      <span>Step</span>
      <svg className="h-7 w-full overflow-visible" role="presentation">
        {ticks(span, 5).map((tick) => (
          <g key={tick}>
            <line
              x1={`${(tick / whole) * 100}%`}
              x2={`${(tick / whole) * 100}%`}
              y1="20"
              y2="28"
              className="stroke-(--line-strong)"
            />
            <text
              x={`${(tick / whole) * 100}%`}
              y="15"
              className="fill-current"
              textAnchor={tick === 0 ? "start" : "middle"}
            >
              {offset(tick)}
            </text>
          </g>
        ))}
      </svg>
      <span className="text-right">Took</span>
      <span className="text-right max-sm:hidden">Cost</span>
    </div>
  );
}

function Brackets({ loops, height }: { loops: readonly Bracket[]; height: number }) {
  return (
    <svg width={GUTTER} height={height} className="pointer-events-none absolute top-0 left-0" aria-hidden="true">
      {loops.map((loop) => {
        const [top, bottom] = [loop.first * ROW + 5, (loop.last + 1) * ROW - 5];
        return (
          <g key={`${loop.loop} ${loop.first}`} className="stroke-(--violet)" fill="none" strokeWidth="1.3">
            <path d={`M20 ${top}h-3a4 4 0 0 0-4 4V${bottom - 4}a4 4 0 0 0 4 4h3`} />
            {loop.turns.map((turn) => (
              <text
                key={turn.row}
                x="9"
                y={turn.row * ROW + 18}
                textAnchor="end"
                stroke="none"
                className="fill-(--violet) text-[10px] font-medium"
              >
                {turn.iteration}
              </text>
            ))}
          </g>
        );
      })}
    </svg>
  );
}

interface RowProps {
  step: StepLine;
  index: number;
  top: number;
  span: Span;
  instant: number;
  chosen: boolean;
  onChoose: (step: string) => void;
}

function Row({ step, index, top, span, instant, chosen, onChoose }: RowProps) {
  const lane = bar(step, span, instant, 0.004);
  return (
    <div
      id={`step-${index}`}
      role="option"
      aria-selected={chosen}
      data-step={step.step}
      onClick={() => onChoose(step.step)}
      style={{ height: ROW, transform: `translateY(${top}px)` }}
      className={`${TRACKS} absolute inset-x-0 top-0 cursor-pointer hover:bg-hover aria-selected:bg-accent-soft`}
    >
      <span />
      <span className="flex min-w-0 items-center gap-1.5">
        <StatusMark status={step.status} bare />
        <span className="w-5 shrink-0 text-right text-xs text-ink-3">{index + 1}</span>
        <span className="shrink-0 font-medium">{words(step.role)}</span>
        <Outcome step={step} />
        <span className="min-w-0 flex-1 truncate text-ink-3">{step.preview}</span>
      </span>
      <svg className="h-full w-full" role="presentation" preserveAspectRatio="none">
        {lane ? (
          <rect
            x={`${lane.x * 100}%`}
            width={`${lane.width * 100}%`}
            y="9"
            height="10"
            rx="2"
            className={fillOf(step.status)}
          />
        ) : null}
      </svg>
      <span className="text-right text-ink-2">{duration(took(step, instant))}</span>
      <span className="text-right text-ink-2 max-sm:hidden">{step.calls > 0 ? money(step.total_cost_usd) : "–"}</span>
    </div>
  );
}

/** How long a step took, or has taken so far. */
export function took(step: StepLine, instant: number): number | null {
  if (step.status !== "running" || !step.started_at) return step.duration_ms;
  return Math.max(0, instant - Date.parse(step.started_at));
}

/** Verdict, scores or judgement of a step, in a chip. */
export function Outcome({ step }: { step: StepLine }) {
  if (step.verdict) {
    return (
      <Chip tone={step.verdict.pass ? "good" : "bad"} title={step.verdict.feedback}>
        {step.verdict.pass ? "✓ pass" : "✗ fail"}
      </Chip>
    );
  }
  if (step.quality) {
    const tone = step.quality.threshold_result === false ? "bad" : "violet";
    return (
      <Chip tone={tone} title={step.quality.summary}>
        {score(step.quality.composite)}
      </Chip>
    );
  }
  if (step.judgement) return <Chip tone="violet">judged</Chip>;
  return null;
}

/** The whole run in one strip. */
export function Strip({ steps, chosen, onChoose, instant }: Props) {
  const span = useMemo(() => spanOf(steps, instant), [steps, instant]);
  return (
    <svg className="h-8 w-full" aria-label="Steps along the time of the run" role="img">
      <rect x="0" y="14" width="100%" height="4" rx="2" className="fill-(--sunk)" />
      {steps.map((step) => {
        const lane = bar(step, span, instant, 0.002);
        if (!lane) return null;
        const picked = step.step === chosen;
        return (
          <rect
            key={step.step}
            x={`${lane.x * 100}%`}
            width={`${lane.width * 100}%`}
            y={picked ? 4 : 9}
            height={picked ? 24 : 14}
            rx="1.5"
            onClick={() => onChoose(step.step)}
            className={`cursor-pointer ${fillOf(step.status)}`}
          >
            <title>{`${words(step.role)} · ${duration(step.duration_ms)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
