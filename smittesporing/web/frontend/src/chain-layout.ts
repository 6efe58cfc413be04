/* Where the nodes of a chain stand and which way its links run: numbers only, no drawing. Called by chain.ts.

   x is the day, a lane is a band of rows, and a node takes the first row where neither it nor its name covers another. */

import { dayNumber } from "./page";

export interface Lane {
  key: string;
  word: string;
  says?: string;
}
export interface ChainNode {
  id: string;
  kind: "case" | "contact" | "event" | "away" | "unknown";
  lane: string;
  day: string | null;
  name: string;
  says?: string;
  href?: string;
  known?: string;
}
export interface ChainLink {
  from: string;
  to: string;
  kind?: "registered" | "proposed" | "contact";
  share?: number;
}
export interface ChainData {
  from: string;
  to: string;
  today?: string;
  lanes: Lane[];
  nodes: ChainNode[];
  links: ChainLink[];
  selected?: string;
  detail?: string;
}
export interface Placed extends ChainNode {
  x: number;
  y: number;
  number: number;
  label: "above" | "right";
  many: string[];
}
export interface Drawn extends ChainLink {
  path: string;
  at?: [number, number];
  known: number;
}
export interface Layout {
  width: number;
  height: number;
  left: number;
  right: number;
  lanes: (Lane & { top: number; height: number })[];
  nodes: Placed[];
  links: Drawn[];
  days: { number: number; x: number; labelled: boolean }[];
  x: (day: number) => number;
}

const TOP = 34;
const ROW = 46;
const RADIUS = 8;
const FOLD_ABOVE = 60;

/** Everything's place for a picture of at least this width; `open` are folded groups the reader has opened. */
export function layout(data: ChainData, wanted: number, open: ReadonlySet<string>): Layout {
  const { nodes, links, groups } = folded(data, open);
  const narrow = wanted < 720;
  const left = narrow ? 128 : 204;
  const width = Math.max(wanted, 600);
  const right = width - 84;
  const first = dayNumber(data.from);
  const last = Math.max(dayNumber(data.to), first + 1);
  const step = (right - left - 32) / (last - first);
  const x = (day: number): number => left + 24 + (Math.min(Math.max(day, first), last) - first) * step;

  const placed = new Map<string, Placed>();
  const lanes: Layout["lanes"] = [];
  let top = TOP;
  for (const lane of data.lanes) {
    const inLane = nodes.filter((node) => node.lane === lane.key);
    const rows = placeRows(inLane, x, step, groups, (node) => placed.set(node.id, node), top, first);
    const height = Math.max(rows * ROW + 26, 72);
    lanes.push({ ...lane, top, height });
    top += height;
  }
  const arriving = new Map<string, number>();
  const drawn = links.flatMap((link, index) => {
    const from = placed.get(link.from);
    const to = placed.get(link.to);
    if (!from || !to) return [];
    const slot = arriving.get(link.to) ?? 0;
    arriving.set(link.to, slot + 1);
    return [route(link, from, to, index, slot)];
  });
  const every = Math.max(1, Math.ceil(52 / step));
  const days = Array.from({ length: last - first + 1 }, (_, i) => first + i).map((number) => ({
    number,
    x: x(number),
    labelled: (last - number) % every === 0,
  }));
  return { width, height: top, left, right, lanes, nodes: [...placed.values()], links: drawn, days, x };
}

/** Give each node a row: names are kept apart by about seven pixels a letter. */
function placeRows(
  nodes: ChainNode[],
  x: (day: number) => number,
  step: number,
  groups: ReadonlyMap<string, string[]>,
  keep: (node: Placed) => void,
  top: number,
  first: number,
): number {
  const ends: [number, number][][] = [];
  const sorted = [...nodes].sort((a, b) => (a.day ?? "").localeCompare(b.day ?? "") || a.id.localeCompare(b.id));
  for (const node of sorted) {
    const number = node.day ? dayNumber(node.day) : first;
    const at = node.day ? x(number) : x(first) - Math.min(step, 16);
    const beside = node.kind === "contact" || node.kind === "away";
    const half = (node.name.length * 7.3) / 2;
    const span: [number, number] = beside ? [at - 14, at + 20 + half * 2] : [at - Math.max(half, 14), at + Math.max(half, 14)];
    let row = ends.findIndex((taken) => taken.every(([from, to]) => span[1] + 6 < from || span[0] - 6 > to));
    if (row < 0) row = ends.push([]) - 1;
    ends[row]?.push(span);
    const y = top + 42 + row * ROW;
    keep({ ...node, x: at, y, number, label: beside ? "right" : "above", many: groups.get(node.id) ?? [] });
  }
  return Math.max(ends.length, 1);
}

/** Above sixty nodes, leaves of one source, lane, day and kind stand as one node with their number. */
function folded(data: ChainData, open: ReadonlySet<string>) {
  const groups = new Map<string, string[]>();
  if (data.nodes.length <= FOLD_ABOVE) return { nodes: data.nodes, links: data.links, groups };
  const sources = new Map<string, string[]>();
  const giving = new Set(data.links.map((link) => link.from));
  for (const link of data.links) sources.set(link.to, [...(sources.get(link.to) ?? []), link.from]);
  const bins = new Map<string, ChainNode[]>();
  for (const node of data.nodes) {
    const from = sources.get(node.id) ?? [];
    if (giving.has(node.id) || from.length > 1 || node.kind === "event") continue;
    const key = [from[0] ?? "", node.lane, node.day, node.kind].join("|");
    bins.set(key, [...(bins.get(key) ?? []), node]);
  }
  const into = new Map<string, string>();
  const made: ChainNode[] = [];
  for (const [key, members] of bins) {
    const group = `group:${key}`;
    if (members.length < 2 || open.has(group)) continue;
    members.forEach((member) => into.set(member.id, group));
    groups.set(group, members.map((member) => member.id));
    const { kind, lane, day } = members[0] as ChainNode;
    made.push({ id: group, kind, lane, day, name: `${members.length} ${kind === "contact" ? "nærkontakter" : "smittede"}` });
  }
  const seen = new Set<string>();
  const links = data.links
    .map((link) => ({ ...link, to: into.get(link.to) ?? link.to }))
    .filter((link) => {
      const key = `${link.from}>${link.to}`;
      return !seen.has(key) && seen.add(key);
    });
  return { nodes: [...data.nodes.filter((node) => !into.has(node.id)), ...made], links, groups };
}

/** A right-angled way with rounded corners: along the row, or down the source's own column and then along. */
function route(link: ChainLink, from: Placed, aim: Placed, index: number, slot: number): Drawn {
  // A second and third arrow reach the node a little above and below the first.
  const shift = slot === 0 || link.kind === "contact" ? 0 : (slot % 2 ? 9 : -9) * Math.ceil(slot / 2);
  const to = shift ? { ...aim, y: aim.y + Math.sign(from.y - aim.y || 1) * shift } : aim;
  const known = Math.max(knownDay(from), knownDay(to));
  const end = to.x - (to.kind === "event" ? 14 : 13);
  const start = from.x + (from.kind === "event" ? 12 : 11);
  if (Math.abs(from.y - to.y) < 1 && end > start) {
    return { ...link, known, path: `M${start} ${from.y}H${end}`, at: [(start + end) / 2, from.y] };
  }
  const down = to.y > from.y ? 1 : -1;
  const offset = link.kind === "proposed" ? -7 : link.kind === "contact" ? 0 : 3 * ((index % 3) - 1);
  if (link.kind === "contact") {
    const bend = Math.max(end - 18, start + 6);
    return { ...link, known, path: corner(`M${start} ${from.y}`, start, from.y, bend, to.y, end, down) };
  }
  const column = end - from.x - offset < RADIUS + 2 ? Math.min(from.x, to.x) - 20 : from.x + offset;
  const begin = column < from.x - 8 ? `M${from.x - 11} ${from.y}H${column + RADIUS}Q${column} ${from.y} ${column} ${from.y + RADIUS * down}` : `M${column} ${from.y + (down > 0 ? 11 : from.label === "above" ? -31 : -11)}`;
  const path = `${begin}V${to.y - RADIUS * down}Q${column} ${to.y} ${column + RADIUS} ${to.y}H${end}`;
  return { ...link, known, path, at: [(column + RADIUS + end) / 2, to.y] };
}

function corner(begin: string, x1: number, y1: number, bend: number, y2: number, x2: number, down: number): string {
  const r = Math.min(RADIUS, Math.abs(y2 - y1) / 2, Math.max(bend - x1, 0));
  return `${begin}H${bend - r}Q${bend} ${y1} ${bend} ${y1 + r * down}V${y2 - r * down}Q${bend} ${y2} ${bend + r} ${y2}H${x2}`;
}

export function knownDay(node: Placed): number {
  return node.known ? dayNumber(node.known) : node.number;
}
