/* The epidemic curve: one square is one person, stacked by where she was infected. Axes are Observable Plot's.

   Data  {kinds: [{key, word}], days: [{day, counts: {kind: n}}], href?: "/…?dag={day}&sted={kind}", marks?: [{day, word}],
         provisional_from?: day, legend?: {word, counts}, step?: 7 when each entry is a week by its Monday}. kind is household, work, school, private, abroad or unknown.
   hidden names the kinds whose count is not shown, in an entry and in the legend.
   Arrow keys walk day by day and within the stack; the same figures stand in a table below. Above forty a day, a bar of
   each kind takes the squares' place. */

import * as Plot from "@observablehq/plot";
import { _, dataOf, dayNamed, dayNumber, dayShort, html, isoDay, nonce, svg, weekOf } from "./page";

interface Curve {
  kinds: { key: string; word: string }[];
  days: { day: string; counts: Record<string, number>; hidden?: string[] }[];
  href?: string;
  marks?: { day: string; word: string }[];
  provisional_from?: string;
  legend?: { word: string; counts: Record<string, number>; hidden?: string[] };
  step?: number;
}

const MARGIN = { top: 44, right: 8, bottom: 64, left: 36 };
const SQUARES_UP_TO = 40;
const LEAST_HIGH = 14; // where days are narrow, a person is a standing rectangle one can still count

export function start(island: HTMLElement): void {
  const data = dataOf<Curve>(island);
  if (!data || data.days.length === 0) return;
  const place = html("div", {});
  island.replaceChildren(legend(data), place, table(data, island.dataset["label"] ?? ""));
  let width = 0;
  new ResizeObserver(() => {
    if (Math.abs(place.clientWidth - width) < 4) return;
    width = place.clientWidth;
    place.replaceChildren(paint(data, width, island.dataset["label"] ?? ""));
  }).observe(place);
}

function paint(data: Curve, width: number, label: string): SVGSVGElement {
  const [first, last] = [dayNumber(data.days[0]?.day ?? ""), dayNumber(data.days.at(-1)?.day ?? "") + stepOf(data)];
  const most = Math.max(4, ...data.days.map((day) => sum(day.counts)));
  const side = Math.min(24, (width - MARGIN.left - MARGIN.right) / (last - first));
  const tall = most > SQUARES_UP_TO || stepOf(data) > 1 ? 200 : Math.min(Math.max(most + 0.6, 6) * Math.max(side, LEAST_HIGH), 320);
  const picture = Plot.plot({
    width,
    height: tall + MARGIN.top + MARGIN.bottom,
    marginTop: MARGIN.top,
    marginRight: MARGIN.right,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    x: { domain: [first, last], axis: null },
    y: { domain: [0, Math.max(most + 0.6, 5)], axis: null },
    marks: [],
  }) as SVGSVGElement;
  // Plot writes a style element; the page's policy lets it in by the nonce.
  picture.querySelectorAll("style").forEach((style) => (style.nonce = nonce()));
  const [x, y] = [scale(picture, "x"), scale(picture, "y")];
  picture.setAttribute("role", "group");
  picture.setAttribute("aria-label", label);
  picture.append(hatching(), grid(y, most, width), weeks(data, x, y), later(data, x, y), ...stacks(data, x, y, most), ...marks(data, x, y, width));
  picture.addEventListener("keydown", walk);
  return picture;
}

/** How many days an entry covers: 1, or 7 for weeks. */
function stepOf(data: Curve): number {
  return data.step ?? 1;
}

function named(data: Curve, day: number): string {
  return stepOf(data) === 1 ? dayNamed(day) : _("uke %(n)s", { n: weekOf(day).week });
}

type Scale = (value: number) => number;

function scale(picture: SVGSVGElement, name: "x" | "y"): Scale {
  const found = (picture as unknown as Plot.Plot).scale(name);
  return (value) => Number(found?.apply(value));
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}

function hatching(): SVGDefsElement {
  const pattern = (id: string, gap: number, shade: string) =>
    svg("pattern", { id, width: gap, height: gap, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("rect", { class: "map-hidden", width: gap, height: gap }), svg("line", { class: shade, x1: 0, x2: 0, y1: 0, y2: gap }));
  return svg("defs", {}, pattern("hatch", 4, "hatch-line"), pattern("hatch-wide", 7, "grid-line"));
}

function grid(y: Scale, most: number, width: number): SVGGElement {
  const step = Math.max(1, 2 * Math.ceil(most / 8));
  const group = svg("g", { "aria-hidden": "true" });
  for (let value = 0; value <= most; value += step) {
    group.append(svg("line", { class: "grid-line", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }));
    group.append(svg("text", { class: "quiet", x: MARGIN.left - 10, y: y(value) + 4.5, "text-anchor": "end" }, String(value)));
  }
  return group;
}

/** Mondays with their date, and below them the week's number and sum. */
function weeks(data: Curve, x: Scale, y: Scale): SVGGElement {
  const group = svg("g", { "aria-hidden": "true" });
  const sums = new Map<number, number>();
  const secret = new Set<number>();
  for (const { day, counts, hidden } of data.days) {
    const { monday } = weekOf(dayNumber(day));
    if (hidden?.length === data.kinds.length) secret.add(monday);
    sums.set(monday, (sums.get(monday) ?? 0) + sum(counts));
  }
  const last = dayNumber(data.days.at(-1)?.day ?? "") + stepOf(data);
  const base = y(0);
  const wide = x(7) - x(0);
  group.append(svg("line", { class: "axis-line", x1: MARGIN.left, x2: x(last), y1: base, y2: base }));
  let number = 0;
  for (const [monday, count] of sums) {
    const from = Math.max(x(monday), MARGIN.left);
    const middle = (from + x(Math.min(monday + 7, last))) / 2;
    group.append(svg("line", { class: "axis-line", x1: from, x2: from, y1: base, y2: base + 8 }));
    if (wide < 40 && number++ % Math.ceil(40 / wide) !== 0) continue;
    const date = dayShort(monday);
    group.append(svg("text", { class: "quiet", x: from + 6, y: base + 18 }, wide > 90 && (number === 1 || /^[1-7]\. /.test(date)) ? date : (date.split(" ")[0] ?? "")));
    group.append(svg("text", { x: middle, y: base + 37, "text-anchor": "middle" }, wide > 64 ? _("uke %(n)s", { n: weekOf(monday).week }) : String(weekOf(monday).week)));
    if (wide > 90) group.append(svg("text", { class: "quiet", x: middle, y: base + 55, "text-anchor": "middle" }, secret.has(monday) ? _("skjult") : _("%(n)s smittede", { n: count })));
  }
  return group;
}

/** Days whose count is not finished, hatched behind the squares. */
function later(data: Curve, x: Scale, y: Scale): SVGGElement {
  const group = svg("g", { "aria-hidden": "true" });
  if (!data.provisional_from) return group;
  const from = x(dayNumber(data.provisional_from));
  const end = x(dayNumber(data.days.at(-1)?.day ?? "") + 1);
  group.append(svg("rect", { fill: "url(#hatch-wide)", x: from, width: Math.max(end - from, 0), y: 24, height: y(0) - 24 }));
  group.append(svg("text", { class: "quiet", x: end, y: 16, "text-anchor": "end" }, _("foreløpig")));
  return group;
}

function stacks(data: Curve, x: Scale, y: Scale, most: number): SVGElement[] {
  const side = x(stepOf(data)) - x(0);
  const single = most <= SQUARES_UP_TO && stepOf(data) === 1;
  let reachable = true;
  return data.days.flatMap(({ day, counts }) => {
    const number = dayNumber(day);
    const total = sum(counts);
    let below = 0;
    return data.kinds.flatMap(({ key, word }) => {
      const count = counts[key] ?? 0;
      if (!count) return [];
      const address = data.href?.replace("{day}", isoDay(number)).replace("{kind}", key);
      const group = svg(address ? "a" : "g", {
        class: "square",
        href: address,
        role: address ? undefined : "img",
        tabindex: reachable ? 0 : -1,
        "data-day": number,
        "aria-label": _("%(day)s, %(where)s: %(n)s av %(total)s", { day: named(data, number), where: word.toLowerCase(), n: count, total }),
      } as never) as SVGElement;
      reachable = false;
      for (let i = 0; i < (single ? count : 1); i++) {
        const high = single ? 1 : count;
        const top = y(below + high);
        group.append(svg("rect", { class: `fill-${key}`, fill: key === "unknown" ? "url(#hatch)" : undefined, x: x(number) + 1, y: top + 1, width: Math.max(side - 2, 0.5), height: Math.max(y(below) - top - 2, 0.5), rx: Math.min(2, side / 8) }));
        below += high;
      }
      return [group];
    });
  });
}

function marks(data: Curve, x: Scale, y: Scale, width: number): SVGElement[] {
  return (data.marks ?? []).map(({ day, word }) => {
    const at = x(dayNumber(day));
    const leftwards = at > width / 2;
    const room = (leftwards ? at : width - at) - 20;
    const words = word.length * 7.2 > room ? halves(word) : [word];
    const beside = leftwards ? at - 12 : at + 12;
    return svg(
      "g",
      {},
      svg("line", { class: "chain-link", "stroke-dasharray": "4 4", x1: at, x2: at, y1: 30, y2: y(0) }),
      svg("path", { class: "chain-arrow", d: `M${at - 6} 24h12l-6 8z` }),
      ...words.map((part, i) =>
        svg("text", { class: "strong", x: beside, y: 28 - 15 * (words.length - 1 - i), "text-anchor": leftwards ? "end" : "start" }, part),
      ),
    );
  });
}

function halves(words: string): string[] {
  const middle = words.indexOf(" ", Math.floor(words.length / 2) - 3);
  return middle < 0 ? [words] : [words.slice(0, middle), words.slice(middle + 1)];
}

function walk(event: KeyboardEvent): void {
  const here = event.target instanceof Element ? event.target.closest<SVGElement>(".square") : null;
  if (!here || !event.key.startsWith("Arrow")) return;
  const all = [...(here.ownerSVGElement?.querySelectorAll<SVGElement>(".square") ?? [])];
  const at = all.indexOf(here);
  const day = Number(here.dataset["day"]);
  const sameDay = (one: SVGElement | undefined) => (Number(one?.dataset["day"]) === day ? one : undefined);
  const next =
    event.key === "ArrowUp" ? sameDay(all[at + 1])
    : event.key === "ArrowDown" ? sameDay(all[at - 1])
    : event.key === "ArrowRight" ? all.find((one) => Number(one.dataset["day"]) > day)
    : all.findLast((one) => Number(one.dataset["day"]) < day);
  event.preventDefault();
  if (!next) return;
  here.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}

function legend(data: Curve): HTMLElement {
  const totals: Record<string, number> = data.legend?.counts ?? {};
  if (!data.legend) for (const { counts } of data.days) for (const [key, n] of Object.entries(counts)) totals[key] = (totals[key] ?? 0) + n;
  const items = data.kinds.map(({ key, word }) => {
    const sign = svg("svg", { viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" });
    sign.append(svg("rect", { class: `fill-${key}`, x: 0.5, y: 0.5, width: 13, height: 13, rx: 2, fill: key === "unknown" ? "none" : undefined }));
    if (key === "unknown") sign.append(svg("path", { class: "hatch-line", d: "M1 9 9 1M4 13 13 4" }));
    return html("li", {}, sign, html("span", {}, `${word} `, html("b", {}, data.legend?.hidden?.includes(key) ? _("skjult") : String(totals[key] ?? 0))));
  });
  return html("ul", { class: "legend", "aria-label": _("Eksponeringssted") }, ...items, html("li", { class: "subtle" }, data.legend?.word ?? _("i hele perioden")));
}

function table(data: Curve, label: string): HTMLElement {
  const head = html("tr", {}, html("th", { scope: "col" }, stepOf(data) === 1 ? _("Dag") : _("Uke")), ...data.kinds.map(({ word }) => html("th", { scope: "col", class: "num" }, word)), html("th", { scope: "col", class: "num" }, _("I alt")));
  const rows = data.days.map(({ day, counts, hidden }) =>
    html("tr", {}, html("th", { scope: "row" }, named(data, dayNumber(day))), ...data.kinds.map(({ key }) => html("td", { class: "num" }, hidden?.includes(key) ? _("skjult") : String(counts[key] ?? 0))), html("td", { class: "num" }, String(sum(counts)))),
  );
  const made = html("table", { class: "table" }, html("caption", { class: "ds-sr-only" }, label), html("thead", {}, head), html("tbody", {}, ...rows));
  return html("details", { class: "why" }, html("summary", { "data-key": "T", "aria-keyshortcuts": "T" }, _("Vis som tabell")), html("div", { class: "table-scroll", tabindex: 0, role: "group", "aria-label": _("%(label)s, tabell", { label }) }, made));
}
