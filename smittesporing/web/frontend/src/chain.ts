/* The chain as a picture: who infected whom on a time axis, with the equal table beside it as one selection.

   Reads ChainData (chain-layout.ts). Arrows follow links, ↑↓ go to the neighbour in time, Enter opens, and the slider
   shows what was known on a day. Rows of a table marked data-chain-table carry data-node. When `detail` is an address with
   {id}, choosing a node fills [data-chain-detail] from it. */

import htmx from "htmx.org";
import { type ChainData, type Layout, type Placed, knownDay, layout, wrapped } from "./chain-layout";
import { _, announce, dataOf, dayMonth, dayNamed, dayNumber, dayShort, html, svg } from "./page";

const WORDS: Record<Placed["kind"], string> = {
  case: _("smittet"),
  contact: _("nærkontakt"),
  event: _("hendelse"),
  away: _("annen kommune"),
  unknown: _("ukjent kilde"),
};

export function start(island: HTMLElement): void {
  const data = dataOf<ChainData>(island);
  if (!data) return;
  if (data.nodes.length === 0) return;
  const open = new Set<string>();
  const scroll = html("div", { class: "chain-scroll" });
  const foot = slider(data, (day) => {
    shown = day;
    fade();
  });
  island.replaceChildren(scroll, foot, key());
  let shown = dayNumber(data.to);
  let chosen = data.selected ?? "";
  let made: Layout;
  let width = 0;

  const draw = (): void => {
    made = layout(data, scroll.clientWidth, open);
    const picture = paint(made, data, island.dataset["label"] ?? _("Smittekjede"), chosen);
    scroll.replaceChildren(picture);
    picture.addEventListener("keydown", walk);
    picture.addEventListener("focusin", (event) => choose(idOf(event.target), false));
    picture.addEventListener("click", (event) => {
      const id = idOf(event.target);
      if (!id.startsWith("group:")) return choose(id, false);
      event.preventDefault();
      open.add(id);
      const first = made.nodes.find((node) => node.id === id)?.many[0] ?? "";
      draw();
      focusNode(first);
    });
    fade();
  };
  const fade = (): void => {
    for (const one of scroll.querySelectorAll<SVGElement>("[data-known]")) {
      one.classList.toggle("later", Number(one.dataset["known"]) > shown);
    }
  };
  const focusNode = (id: string): void => {
    scroll.querySelector<SVGElement>(`[data-id="${CSS.escape(id)}"]`)?.focus();
  };
  const walk = (event: KeyboardEvent): void => {
    const here = made.nodes.find((node) => node.id === idOf(event.target));
    const next = here && neighbour(made, here, event.key);
    if (!next) return;
    event.preventDefault();
    focusNode(next.id);
  };
  const choose = (id: string, fromTable: boolean): void => {
    if (!id || (id === chosen && !fromTable)) return;
    chosen = id;
    const group = made.nodes.find((node) => node.many.includes(id));
    if (group) {
      open.add(group.id);
      draw();
    }
    for (const node of scroll.querySelectorAll<SVGElement>("[data-id]")) {
      node.classList.toggle("selected", node.dataset["id"] === id);
      node.setAttribute("tabindex", node.dataset["id"] === id ? "0" : "-1");
    }
    for (const row of document.querySelectorAll<HTMLElement>("[data-chain-table] [data-node]")) {
      if (row.dataset["node"] === id) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      if (row.dataset["node"] === id && !fromTable) row.scrollIntoView({ block: "nearest" });
    }
    const detail = document.querySelector("[data-chain-detail]");
    if (detail && data.detail && !id.startsWith("group:")) {
      void htmx.ajax("GET", data.detail.replace("{id}", encodeURIComponent(id)), { target: detail });
    }
  };
  for (const name of ["click", "focusin"]) {
    document.querySelector("[data-chain-table]")?.addEventListener(name, (event) => {
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-node]") : null;
      if (row) choose(row.dataset["node"] ?? "", true);
    });
  }
  new ResizeObserver(() => {
    if (Math.abs(scroll.clientWidth - width) < 8) return;
    const first = width === 0;
    width = scroll.clientWidth;
    draw();
    const begin = made.nodes.find((node) => node.id === chosen);
    if (first && begin && scroll.scrollHeight > scroll.clientHeight) scroll.scrollTop = begin.y - scroll.clientHeight / 2;
  }).observe(scroll);
}

function idOf(target: EventTarget | null): string {
  return target instanceof Element ? (target.closest<SVGElement>("[data-id]")?.dataset["id"] ?? "") : "";
}

/** → the first one she infected, ← her source, ↑↓ the nearest in the same day, then in time. */
function neighbour(made: Layout, here: Placed, key: string): Placed | undefined {
  const find = (id: string | undefined) => made.nodes.find((node) => node.id === id);
  if (key === "ArrowRight") return find(made.links.find((link) => link.from === here.id)?.to);
  if (key === "ArrowLeft") return find(made.links.find((link) => link.to === here.id)?.from);
  if (key !== "ArrowUp" && key !== "ArrowDown") return undefined;
  const sign = key === "ArrowDown" ? 1 : -1;
  return made.nodes
    .filter((node) => (node.y - here.y) * sign > 0)
    .sort((a, b) => Math.abs(a.x - here.x) * 3 + Math.abs(a.y - here.y) - (Math.abs(b.x - here.x) * 3 + Math.abs(b.y - here.y)))[0];
}

function paint(made: Layout, data: ChainData, label: string, chosen: string): SVGSVGElement {
  const { width, height } = made;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label });
  picture.append(
    svg("defs", {}, svg("marker", { id: "chain-arrow", viewBox: "0 0 10 10", refX: 8, refY: 5, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" }, svg("path", { class: "chain-arrow", d: "M0 1 10 5 0 9z" }))),
  );
  picture.append(axis(made, data), ...made.links.map(line));
  const starting = made.nodes.some((node) => node.id === chosen) ? chosen : made.nodes[0]?.id;
  const ordered = [...made.nodes].sort((a, b) => a.x - b.x || a.y - b.y);
  picture.append(...ordered.map((node) => person(node, made, node.id === starting, node.id === chosen)));
  return picture;
}

function axis(made: Layout, data: ChainData): SVGGElement {
  const { width, height, left } = made;
  const group = svg("g", { "aria-hidden": "true" });
  made.lanes.forEach((lane, i) => {
    if (i % 2 === 0) group.append(svg("rect", { class: "lane-alt", x: 0, y: lane.top, width, height: lane.height }));
  });
  for (const day of made.days) {
    group.append(svg("line", { class: day.labelled ? "grid-line" : "grid-line dotted", x1: day.x, x2: day.x, y1: 34, y2: height }));
    if (day.labelled && day.number !== (data.today ? dayNumber(data.today) : -1)) {
      const first = day === made.days.find((one) => one.labelled);
      const written = dayShort(day.number);
      const text = first || written.startsWith("1. ") ? written : written.split(" ")[0];
      group.append(svg("text", { class: "quiet", x: day.x, y: 22, "text-anchor": "middle" }, text ?? ""));
    }
  }
  if (made.undated) group.append(svg("text", { class: "quiet", x: made.undated, y: 22, "text-anchor": "middle" }, _("uten dato")));
  for (const lane of made.lanes) {
    group.append(svg("line", { class: "grid-line", x1: 0, x2: width, y1: lane.top, y2: lane.top }));
    for (const [i, words] of wrapped(lane.word, left < 200 ? 15 : 24).entries()) {
      group.append(svg("text", { class: "strong", x: 16, y: lane.top + 24 + i * 17 }, words));
    }
    const below = wrapped(lane.word, left < 200 ? 15 : 24).length;
    if (lane.says) group.append(svg("text", { class: "quiet", x: 16, y: lane.top + 24 + below * 18 }, lane.says));
  }
  if (data.today) {
    const at = made.x(dayNumber(data.today));
    group.append(svg("rect", { class: "today-box", x: at - 18, y: 34, width: 36, height: height - 35 }));
    group.append(svg("rect", { class: "today-flag", x: at - 34, y: 5, width: 68, height: 26, rx: 3 }));
    group.append(svg("text", { class: "today-word", x: at, y: 22, "text-anchor": "middle" }, _("i dag %(day)s.", { day: Number(data.today.slice(8, 10)) })));
  }
  return group;
}

function line(link: Layout["links"][number]): SVGGElement {
  const kind = link.kind ?? "registered";
  const group = svg("g", { "data-known": link.known, "aria-hidden": "true" });
  group.append(svg("path", { class: `chain-link ${kind}`, d: link.path, "marker-end": kind === "contact" ? undefined : "url(#chain-arrow)" }));
  if (link.share !== undefined && link.at) {
    const [x, y] = link.at;
    group.append(
      svg("g", { class: "chain-label" }, svg("rect", { x: x - 23, y: y - 11, width: 46, height: 22, rx: 11 }), svg("text", { x, y: y + 4.5, "text-anchor": "middle" }, `${Math.round(link.share * 100)} %`)),
    );
  }
  return group;
}

function person(node: Placed, made: Layout, reachable: boolean, chosen: boolean): SVGElement {
  const group = svg(node.href ? "a" : "g", {
    "data-id": node.id,
    "data-known": knownDay(node),
    class: chosen ? "selected" : undefined,
    href: node.href,
    tabindex: reachable ? 0 : -1,
    role: node.href ? undefined : node.many.length ? "button" : "img",
    "aria-label": spoken(node, made),
  } as never) as SVGElement;
  const { x, y } = node;
  if (node.kind === "event") group.append(svg("path", { class: "node-event", d: `M${x} ${y - 10} ${x + 10} ${y} ${x} ${y + 10} ${x - 10} ${y}z` }));
  else if (node.kind === "away") group.append(svg("rect", { class: "node-away", x: x - 8, y: y - 8, width: 16, height: 16, rx: 1 }));
  else group.append(svg("circle", { class: `node-${node.kind}`, cx: x, cy: y, r: node.many.length ? 12 : node.kind === "case" ? 9 : 7.5 }));
  if (node.kind === "unknown") group.append(svg("text", { class: "strong", x, y: y + 4.5, "text-anchor": "middle" }, "?"));
  group.append(svg("circle", { class: "ring", cx: x, cy: y, r: 14 }));
  const beside = node.label === "right";
  group.append(svg("text", { class: "node-name", x: beside ? x + 20 : x, y: beside ? y + 4.5 : y - 19, "text-anchor": beside ? "start" : "middle" }, node.name));
  return group;
}

function spoken(node: Placed, made: Layout): string {
  const name = (id: string) => made.nodes.find((one) => one.id === id)?.name ?? id;
  const day = node.day ? (node.kind === "contact" ? "" : `, ${dayMonth(dayNumber(node.day))}`) : `, ${_("uten dato")}`;
  const sources = made.links
    .filter((link) => link.to === node.id && link.kind !== "contact")
    .map((link) => `${link.kind === "proposed" ? _("foreslått kilde") : _("smittet av")} ${name(link.from)}${link.share === undefined ? "" : _(", %(n)s prosent", { n: Math.round(link.share * 100) })}`);
  const given = made.links.filter((link) => link.from === node.id && link.kind !== "contact").length;
  const parts = [`${node.name}, ${node.many.length ? _("samlet") : WORDS[node.kind]}${day}`, ...sources];
  if (given) parts.push(_("%(n)s ledd videre", { n: given }));
  if (node.many.length) parts.push(_("Enter viser dem hver for seg"));
  return parts.join(". ");
}

/** The day slider: what was known then. It plays only when asked to, and stops at Space or the end. */
function slider(data: ChainData, set: (day: number) => void): HTMLElement {
  const [first, last] = [dayNumber(data.from), dayNumber(data.to)];
  const range = html("input", { type: "range", id: "chain-day", min: first, max: last, value: last, step: 1 });
  const out = html("output", { for: "chain-day" }, dayNamed(last));
  const play = html("button", { type: "button", class: "ds-button button button-quiet", "aria-pressed": "false" }, _("Spill av"));
  let timer = 0;
  const show = (day: number): void => {
    range.value = String(day);
    range.setAttribute("aria-valuetext", dayNamed(day));
    out.textContent = dayNamed(day);
    set(day);
  };
  const stop = (): void => {
    window.clearInterval(timer);
    timer = 0;
    play.textContent = _("Spill av");
    play.setAttribute("aria-pressed", "false");
    announce(out.textContent ?? "");
  };
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(range.value) >= last) show(first);
    play.textContent = _("Stopp");
    play.setAttribute("aria-pressed", "true");
    timer = window.setInterval(() => (Number(range.value) >= last ? stop() : show(Number(range.value) + 1)), 700);
  });
  range.addEventListener("input", () => show(Number(range.value)));
  range.setAttribute("aria-valuetext", dayNamed(last));
  return html("div", { class: "chain-foot" }, html("label", { for: "chain-day" }, html("strong", {}, _("Vis det vi visste"))), play, range, out);
}

function key(): HTMLElement {
  const mark = (inside: SVGElement, width = 20) => svg("svg", { viewBox: `0 0 ${width} 18`, width, height: 18, "aria-hidden": "true" }, inside);
  const dash = (kind: string) => mark(svg("path", { class: `chain-link ${kind}`, d: "M1 9H35" }), 36);
  const items: [SVGElement, string][] = [
    [mark(svg("circle", { class: "node-case", cx: 10, cy: 9, r: 8 })), _("smittet")],
    [mark(svg("g", { class: "selected" }, svg("circle", { class: "node-case", cx: 10, cy: 9, r: 5.5 }), svg("circle", { class: "ring key-ring", cx: 10, cy: 9, r: 7.5 }))), _("valgt")],
    [mark(svg("circle", { class: "node-contact", cx: 10, cy: 9, r: 6.5 })), _("nærkontakt")],
    [mark(svg("path", { class: "node-event", d: "M10 1 18 9 10 17 2 9z" })), _("hendelse")],
    [mark(svg("rect", { class: "node-away", x: 3, y: 2, width: 14, height: 14 })), _("annen kommune")],
    [dash("registered"), _("registrert kilde")],
    [dash("proposed"), _("foreslått kilde")],
    [dash("contact"), _("kontakt")],
  ];
  return html("ul", { class: "legend chain-key", "aria-label": _("Tegnforklaring") }, ...items.map(([sign, word]) => html("li", {}, sign, word)));
}
