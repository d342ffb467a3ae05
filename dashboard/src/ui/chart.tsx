// A chart over time, in the page's own colours and type.

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { theme } from "@/app/prefs";
import { useStore } from "@/lib/store";

export interface Series {
  label: string;
  values: ReadonlyArray<number | null>;
  /** A token, such as `--bar`. */
  colour: string;
  kind: "bars" | "line" | "points";
}

interface Props {
  label: string;
  /** Seconds since 1970. */
  times: readonly number[];
  series: readonly Series[];
  height: number;
  format: (value: number) => string;
  /** Fixed ends of the scale, where it has any. */
  range?: [number, number];
  /** Told which point was clicked: of which series, and the place of its time. */
  onPick?: (series: number, at: number) => void;
}

const HALF_DAY_S = 43_200;

/** Formats by the distance of ticks, as uPlot wants them: years, months, days, hours, minutes. */
const DATES: uPlot.Axis.Values = [
  [31_536_000, "{YYYY}", null, null, null, null, null, null, 1],
  [2_419_200, "{MMM}", null, null, null, null, null, null, 1],
  [86_400, "{D} {MMM}", null, null, null, null, null, null, 1],
  [3_600, "{H}:{mm}", "\n{D} {MMM}", null, null, null, null, null, 1],
  [60, "{H}:{mm}", "\n{D} {MMM}", null, null, null, null, null, 1],
  [1, "{H}:{mm}:{ss}", null, null, null, null, null, null, 1],
];

/** The colour that a token stands for now: a canvas knows no `light-dark()`. */
function resolved(host: HTMLElement, token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function options(host: HTMLElement, props: Props): uPlot.Options {
  const [ink, line] = [resolved(host, "--ink-3"), resolved(host, "--line")];
  const font = `11px ${getComputedStyle(host).fontFamily}`;
  const axis: uPlot.Axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const bars = uPlot.paths.bars?.({ size: [0.7, 36], radius: 0.12 });
  return {
    width: host.clientWidth,
    height: props.height,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: { points: { size: 6 }, y: false, drag: { x: false, y: false } },
    scales: {
      // Half a bar at either end stays inside.
      x: props.series.some((each) => each.kind === "bars")
        ? { range: (_, low, high) => [low - HALF_DAY_S, high + HALF_DAY_S] }
        : {},
      y: { range: props.range ?? ((_, low, high) => [Math.min(0, low), high <= 0 ? 1 : high * 1.12]) },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 22, space: 64, values: DATES },
      { ...axis, size: 46, space: 28, values: (_, splits) => splits.map(props.format) },
    ],
    series: [
      {},
      ...props.series.map((each) => {
        const colour = resolved(host, each.colour);
        const shape: uPlot.Series = { label: each.label, stroke: colour, width: 1.75, points: { show: false } };
        if (each.kind === "bars" && bars) return { ...shape, fill: colour, width: 0, paths: bars };
        if (each.kind === "points")
          return { ...shape, paths: () => null, points: { show: true, size: 6, fill: colour, width: 0 } };
        return { ...shape, spanGaps: true, points: { show: each.values.length < 40, size: 4, fill: colour } };
      }),
    ],
  };
}

/** The series that runs closest to the cursor at its time. */
function nearest(plot: uPlot, count: number): number | undefined {
  const { idx, top } = plot.cursor;
  if (idx === null || idx === undefined || top === undefined) return undefined;
  const far = (at: number) => {
    const value = plot.data[at + 1]?.[idx];
    return typeof value === "number" ? Math.abs(plot.valToPos(value, "y") - top) : Number.POSITIVE_INFINITY;
  };
  const best = Array.from({ length: count }, (_, at) => at).sort((a, b) => far(a) - far(b))[0];
  return best !== undefined && Number.isFinite(far(best)) ? best : undefined;
}

export function Chart(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const chosen = useStore(theme);
  const last = props.series.map((each) => each.values.findLast((value) => value !== null));
  const spoken = props.series.map(
    (each, at) => `${each.label}, latest ${last[at] === undefined ? "none" : props.format(last[at] as number)}`,
  );
  useEffect(() => {
    const box = host.current;
    if (!box || chosen === undefined) return;
    const data = [[...props.times], ...props.series.map((each) => [...each.values])] as uPlot.AlignedData;
    let plot = new uPlot(options(box, props), data, box);
    const sized = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: props.height }));
    sized.observe(box);
    const pick = () => {
      const series = nearest(plot, props.series.length);
      if (series !== undefined) props.onPick?.(series, plot.cursor.idx as number);
    };
    box.addEventListener("click", pick);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const repaint = () => {
      plot.destroy();
      plot = new uPlot(options(box, props), data, box);
    };
    scheme.addEventListener("change", repaint);
    return () => {
      box.removeEventListener("click", pick);
      scheme.removeEventListener("change", repaint);
      sized.disconnect();
      plot.destroy();
    };
  }, [props, chosen]);
  return (
    <div
      ref={host}
      role="img"
      aria-label={`${props.label}: ${spoken.join("; ")}`}
      style={{ minHeight: props.height }}
      className={props.onPick ? "cursor-pointer" : undefined}
    />
  );
}
