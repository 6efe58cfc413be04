/* Where the nodes of a chain stand and which way its links run: numbers only, no drawing. Called by chain.ts.

   x is the day, a lane is a band of rows, and a node takes the first row where neither it nor its name covers another. */

import { _, dayNumber } from "./page";

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
  undated: number | undefined;
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
  // Names of contacts stand to the right of their node, so the last day needs room for the longest.
  const beside = Math.max(0, ...nodes.filter((node) => node.kind === "contact" || node.kind === "away").map((node) => node.name.length));
  const right = width - Math.min(Math.max(84, beside * 7.3 + 44), 200);
  const first = dayNumber(data.from);
  const last = Math.max(dayNumber(data.to), first + 1);
  const undated = nodes.some((node) => !node.day) ? 64 : 0;
  const step = (right - left - undated - 32) / (last - first);
  const x = (day: number): number => left + undated + 24 + (Math.min(Math.max(day, first), last) - first) * step;

  const row = nodes.length > FOLD_ABOVE ? ROW - 6 : ROW;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const source = new Map<string, ChainNode>();
  for (const link of links) {
    const from = byId.get(link.from);
    if (from && !source.has(link.to)) source.set(link.to, from);
  }
  const placed = new Map<string, Placed>();
  const lanes: Layout["lanes"] = [];
  let top = TOP;
  for (const lane of data.lanes) {
    const inLane = nodes.filter((node) => node.lane === lane.key);
    const room: Room = { x, undated: left + 44, first, top, row, groups, source };
    const rows = placeRows(inLane, room, (node) => placed.set(node.id, node));
    const height = Math.max(rows * row + 26, 48 + 17 * wrapped(lane.word, narrow ? 15 : 24).length);
    lanes.push({ ...lane, top, height });
    top += height;
  }
  const arriving = new Map<string, number>();
  const drawn = links.flatMap((link) => {
    const from = placed.get(link.from);
    const to = placed.get(link.to);
    if (!from || !to) return [];
    const slot = arriving.get(link.to) ?? 0;
    arriving.set(link.to, slot + 1);
    return [route(link, from, to, slot, [...placed.values()])];
  });
  const every = Math.max(1, Math.ceil(52 / step));
  const days = Array.from({ length: last - first + 1 }, (_, i) => first + i).map((number) => ({
    number,
    x: x(number),
    labelled: (last - number) % every === 0,
  }));
  return { width, height: top, left, right, undated: undated ? left + 44 : undefined, lanes, nodes: [...placed.values()], links: drawn, days, x };
}

interface Room {
  x: (day: number) => number;
  undated: number;
  first: number;
  top: number;
  row: number;
  groups: ReadonlyMap<string, string[]>;
  source: ReadonlyMap<string, ChainNode>;
}

/** Give each node a row of its lane; answers the number of rows.
 *
 * A name takes about seven pixels a letter. The arrow into a node takes its row from the source's column on, so that no
 * arrow runs through somebody it does not concern and looks like a chain of its own. */
function placeRows(nodes: ChainNode[], room: Room, keep: (node: Placed) => void): number {
  const ends: [number, number][][] = [];
  const rows = new Map<string, number>();
  const at = (node: ChainNode): number => (node.day ? room.x(dayNumber(node.day)) : room.undated);
  const sorted = [...nodes].sort((a, b) => (a.day ?? "").localeCompare(b.day ?? "") || a.id.localeCompare(b.id));
  for (const node of sorted) {
    const x = at(node);
    const beside = node.kind === "contact" || node.kind === "away";
    const half = (node.name.length * 7.3) / 2;
    const right = beside ? x + 20 + half * 2 : x + Math.max(half, 14);
    const left = x - (beside ? 14 : Math.max(half, 14));
    const source = node.kind === "contact" ? undefined : room.source.get(node.id);
    const from = source ? at(source) : x;
    const home = source ? rows.get(source.id) : undefined;
    const fits = (taken: [number, number][], row: number): boolean => {
      const begin = Math.min(left, row === home ? from + 24 : from - 4);
      return taken.every(([start, end]) => right + 6 < start || begin - 6 > end || (row === home && end <= from + 80 && start <= from && left > end + 4));
    };
    let row = home !== undefined && fits(ends[home] ?? [], home) ? home : ends.findIndex(fits);
    if (row < 0) row = ends.push([]) - 1;
    ends[row]?.push([row === home ? left : Math.min(left, from - 4), right]);
    rows.set(node.id, row);
    const number = node.day ? dayNumber(node.day) : room.first;
    const y = room.top + 42 + row * room.row;
    keep({ ...node, x, y, number, label: beside ? "right" : "above", many: room.groups.get(node.id) ?? [] });
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
    if (giving.has(node.id) || from.length > 1 || node.kind === "event" || node.id === data.selected) continue;
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
    made.push({ id: group, kind, lane, day, name: kind === "contact" ? _("%(n)s nærkontakter", { n: members.length }) : _("%(n)s smittede", { n: members.length }) });
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
function route(link: ChainLink, from: Placed, aim: Placed, slot: number, all: Placed[]): Drawn {
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
  if (link.kind === "contact") {
    const bend = Math.max(end - 18, start + 6);
    return { ...link, known, path: corner(`M${start} ${from.y}`, start, from.y, bend, to.y, end, down) };
  }
  // The column that passes fewest others: below the node itself, or a little to its right.
  const crossed = (column: number): number =>
    all.filter((one) => one.id !== from.id && one.id !== to.id && Math.abs(one.x - column) < 11 && (one.y - from.y) * down > 0 && (to.y - one.y) * down > 0).length;
  const own = from.x + (link.kind === "proposed" ? -7 : 0);
  const aside = [20, 26, 32].map((by) => from.x + by).find((column) => column < end - 18 && crossed(column) === 0);
  if (crossed(own) > 0 && aside !== undefined) {
    return { ...link, known, path: corner(`M${start} ${from.y}`, start, from.y, aside, to.y, end, down), at: [(aside + end) / 2, to.y] };
  }
  const column = end - own < RADIUS + 2 ? Math.min(from.x, to.x) - 20 : own;
  const above = from.label === "above" ? -31 : -11;
  const begin =
    column < from.x - 8
      ? `M${from.x - 11} ${from.y}H${column + RADIUS}Q${column} ${from.y} ${column} ${from.y + RADIUS * down}`
      : `M${column} ${from.y + (down > 0 ? 11 : above)}`;
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

/** A lane's words on lines of at most this many letters. */
export function wrapped(words: string, length: number): string[] {
  const lines = [""];
  for (const word of words.split(" ")) {
    const last = lines[lines.length - 1] ?? "";
    if (last && last.length + word.length + 1 > length) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}
