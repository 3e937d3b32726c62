// A chart of a metric: what was used in each window, against the limit.

import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { api, call, type Schemas } from "../lib/api";
import { dateTime, dayIn, inZone, label, limit, number, plusDays } from "../lib/format";
import { FIGURES, useLive } from "../lib/live";
import { Choice } from "../ui/form";
import { Empty, Loading, Section, Table } from "../ui/parts";
import { type Metric, useAccount } from "./context";

type Item = Schemas["UsageInWindow"];

/** A span of time that a chart shows, in days from today; a `step` below a day is in minutes. */
interface Span {
  name: string;
  from: number;
  to: number;
}

/** The spans for the windows of a metric: few enough windows for one response. */
const SPANS: Record<string, Span[]> = {
  day: [
    { name: "Last 30 days", from: -29, to: 0 },
    { name: "Last 90 days", from: -89, to: 0 },
    { name: "Next 30 days", from: 0, to: 29 },
  ],
  week: [{ name: "Last 26 weeks", from: -181, to: 0 }],
  month: [{ name: "Last 12 months", from: -335, to: 0 }],
  period: [{ name: "Last 12 months", from: -335, to: 0 }],
  year: [{ name: "Last 5 years", from: -1461, to: 0 }],
};
/** For windows below a day, how many minutes back. */
const MINUTES: Record<string, number> = { minute: 60, hour: 48 * 60 };

const spansOf = (metric: Metric): Span[] => {
  const minutes = MINUTES[metric.window ?? ""];
  return minutes === undefined ? (SPANS[metric.window ?? ""] ?? []) : [{ name: `Last ${minutes / 60} hours`, from: 0, to: 0 }];
};

export function History() {
  const { metrics, entitlements } = useAccount();
  const charted = metrics.filter((metric) => spansOf(metric).length > 0);
  // At first, one that the plan permits anything of.
  const isPermitted = ({ key }: Metric) => entitlements.entitlements.some((it) => it.metric === key && it.limit !== 0);
  const [key, setKey] = useState((charted.find(isPermitted) ?? charted[0])?.key ?? "");
  const [span, setSpan] = useState(0);
  const metric = charted.find((it) => it.key === key) ?? charted[0];
  if (metric === undefined) {
    return null;
  }
  const spans = spansOf(metric);
  const choose = (key: string) => {
    setKey(key);
    setSpan(0);
  };
  const choices = (
    <div class="filters">
      {charted.length > 1 && (
        <Choice name="metric" label="Metric" value={metric.key} onChange={choose} options={charted.map(({ key }) => ({ value: key, label: label(key) }))} />
      )}
      <Choice
        name="span"
        label="Time"
        value={String(span)}
        onChange={(value) => setSpan(Number(value))}
        options={spans.map(({ name }, at) => ({ value: String(at), label: name }))}
      />
    </div>
  );
  return (
    <Section title={`History of ${label(metric.key).toLowerCase()}`} aside={choices}>
      <Windows metric={metric} span={spans[span] ?? spans[0]!} />
    </Section>
  );
}

function Windows({ metric, span }: { metric: Metric; span: Span }) {
  const { account } = useAccount();
  const history = useLive(`history ${account.id} ${metric.key} ${span.name}`, FIGURES * 3, async (signal) => {
    const query = { metric: metric.key, ...range(metric, span, account.time_zone) };
    const path = { account_id: account.id };
    const { data } = await call(api.GET("/accounts/{account_id}/usage/history", { params: { path, query }, signal }));
    return { value: data, etag: null };
  });
  return (
    <Loading live={history}>
      {(items) => (items.length === 0 ? <Empty title="There is no window in this time" /> : <Chart items={items} metric={metric} zone={account.time_zone} />)}
    </Loading>
  );
}

function range(metric: Metric, span: Span, zone: string): { from: string; to: string } {
  const now = new Date();
  const minutes = MINUTES[metric.window ?? ""];
  if (minutes !== undefined) {
    return { from: new Date(now.getTime() - minutes * 60_000).toISOString(), to: now.toISOString() };
  }
  const today = dayIn(now, zone);
  return { from: plusDays(today, span.from), to: plusDays(today, span.to) };
}

function Chart({ items, metric, zone }: { items: Item[]; metric: Metric; zone: string }) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const scheme = useColorScheme();
  const data: uPlot.AlignedData = [
    items.map((it) => Date.parse(it.window?.start ?? "") / 1000),
    items.map((it) => it.used),
    items.map((it) => it.limit),
  ];
  useEffect(() => {
    const parent = element.current!;
    const created = new uPlot(options(parent, metric, zone), data, parent);
    plot.current = created;
    const observer = new ResizeObserver(() => created.setSize({ width: parent.clientWidth, height: HEIGHT }));
    observer.observe(parent);
    return () => {
      observer.disconnect();
      created.destroy();
    };
  }, [metric.key, zone, scheme]);
  const text = JSON.stringify(data);
  useEffect(() => plot.current?.setData(data), [text]);
  const most = Math.max(...items.map((it) => it.used));
  const summary = `${label(metric.key)}: at most ${number(most)} used in one ${metric.window ?? "window"}, the limit is ${limit(items.at(-1)?.limit ?? null)}.`;
  return (
    <>
      <div ref={element} class="chart" role="img" aria-label={summary} />
      <details>
        <summary>The figures as a table</summary>
        <Table label="Usage by window" head={[inZone("From", zone), "Used", "Limit now"]}>
          {items.map((it) => (
            <tr key={it.window?.start}>
              <th scope="row">{it.window && dateTime(it.window.start, zone)}</th>
              <td class="number">{number(it.used)}</td>
              <td class="number">{limit(it.limit)}</td>
            </tr>
          ))}
        </Table>
      </details>
    </>
  );
}

/** 20,000 is "20K". */
const COMPACT = new Intl.NumberFormat("en", { notation: "compact" });

/** The height of a chart, in pixels. */
const HEIGHT = 220;

const DAY: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
const MONTH: Intl.DateTimeFormatOptions = { month: "short", year: "2-digit" };

/** How the ticks below a chart read, by the window of the metric. */
const TICKS: Record<string, Intl.DateTimeFormatOptions> = {
  minute: TIME,
  hour: TIME,
  day: DAY,
  week: DAY,
  month: MONTH,
  period: DAY,
  year: { year: "numeric" },
};

function padded(plot: uPlot, from: number, to: number): [number, number] {
  const starts = plot.data[0];
  const half = starts.length > 1 ? (starts[1]! - starts[0]!) / 2 : 43_200;
  return [from - half, to + half];
}

/** The window of the legend: the one that is pointed at, or else the latest that has begun. */
function shown(plot: uPlot, pointed: number | null): number {
  const begun = plot.data[0].filter((start) => start * 1000 <= Date.now()).length;
  return pointed ?? Math.max(0, begun - 1);
}

function options(parent: HTMLElement, metric: Metric, zone: string): uPlot.Options {
  const style = getComputedStyle(parent);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = { stroke: color("--muted"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line"), width: 1 }, font: "12px system-ui" };
  const tick = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...TICKS[metric.window ?? ""] });
  return {
    width: parent.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    legend: { live: true },
    // Half a window more on both sides: a bar is around its start.
    scales: { x: { range: (plot, from, to) => padded(plot, from, to) }, y: { range: (_, __, most) => [0, Math.max(1, most) * 1.1] } },
    axes: [{ ...axis, values: (_, starts) => starts.map((start) => tick.format(new Date(start * 1000))) }, { ...axis, size: 52, values: (_, values) => values.map((value) => COMPACT.format(value)), incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9] }],
    series: [
      { value: (plot, _, __, at) => dateTime(new Date(plot.data[0][shown(plot, at)]! * 1000).toISOString(), zone), label: inZone("From", zone) },
      {
        label: `Used per ${metric.window ?? "window"}`,
        value: (plot, _, series, at) => number(plot.data[series]![shown(plot, at)] ?? 0),
        stroke: color("--accent"),
        fill: color("--accent-soft"),
        width: 1,
        paths: uPlot.paths.bars!({ size: [0.7, 28] }),
        points: { show: false },
      },
      { label: "Limit now", value: (plot, _, series, at) => limit(plot.data[series]![shown(plot, at)] ?? null), stroke: color("--over"), width: 1.5, dash: [6, 4], points: { show: false } },
    ],
  };
}

function useColorScheme(): boolean {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const update = () => setDark(query.matches);
    query.addEventListener("change", update);
    return () => query.removeEventListener("change", update);
  }, []);
  return isDark;
}
