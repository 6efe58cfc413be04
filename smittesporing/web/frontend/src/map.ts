/* Norway by kommune: circles whose area is the population and whose colour is the rate, pushed apart where they would
   cover each other; a choropleth by Plot's geo mark once the border file is there.

   Data  {places: [{id, name, lat, lon, population, value: number | null, count?, href?, own?, label?, why?: "skjult …"}], classes: [25, 50, 100, 200],
         unit: "per 100 000", says?: {id: "…"}, geo?: address of a GeoJSON whose features carry properties.id}
   value null is hidden or unknown: an empty ring, and the words say so. Arrow keys go to the nearest neighbour that way. */

import * as Plot from "@observablehq/plot";
import { _, dataOf, html, nonce, svg } from "./page";

interface Place {
  id: string;
  name: string;
  lat: number;
  lon: number;
  population: number;
  value: number | null;
  count?: number | null;
  href?: string;
  own?: boolean;
  label?: boolean;
  why?: string;
}
interface MapData {
  places: Place[];
  classes: number[];
  unit: string;
  geo?: string;
}
interface Circle extends Place {
  x: number;
  y: number;
  r: number;
}

const number = new Intl.NumberFormat("nb-NO");

export function start(island: HTMLElement): void {
  const data = dataOf<MapData>(island);
  if (!data || data.places.length === 0) return;
  const says = html("p", { class: "map-says" }, _("Velg en kommune for å se tallene."));
  const place = html("div", {});
  island.replaceChildren(html("div", { class: "map-layout" }, place, says, legend(data)));
  const label = island.dataset["label"] ?? _("Kart");
  let width = 0;
  const draw = async (): Promise<void> => {
    const picture = (data.geo && (await borders(data, width, label))) || circles(data, width, label);
    place.replaceChildren(picture);
    picture.addEventListener("keydown", walk);
    for (const name of ["focusin", "pointerover"]) {
      picture.addEventListener(name, (event) => {
        const one = event.target instanceof Element ? event.target.closest("[data-id]") : null;
        if (one) says.textContent = one.getAttribute("aria-label");
      });
    }
  };
  new ResizeObserver(() => {
    if (Math.abs(place.clientWidth - width) < 8) return;
    width = place.clientWidth;
    void draw();
  }).observe(place);
}

function circles(data: MapData, width: number, label: string): SVGSVGElement {
  const height = Math.min(width * 1.32, 760);
  const made = spread(data.places, width, height);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label });
  const own = made.find((one) => one.own) ?? made[0];
  for (const one of [...made].sort((a, b) => b.r - a.r)) {
    const group = anchor(one, data, one === own);
    group.append(svg("circle", { class: `place ${shade(one, data.classes)}`, cx: one.x, cy: one.y, r: one.r }));
    group.append(svg("circle", { class: "ring", cx: one.x, cy: one.y, r: one.r + 2.5 }));
    if (one.own) group.classList.add("selected");
    picture.append(group);
  }
  picture.append(...names(made, width, data.classes));
  return picture;
}

function anchor(one: Place, data: MapData, reachable: boolean): SVGElement {
  return svg(one.href ? "a" : "g", {
    "data-id": one.id,
    href: one.href,
    role: one.href ? undefined : "img",
    tabindex: reachable ? 0 : -1,
    "aria-label": spoken(one, data),
  } as never) as SVGElement;
}

function spoken(one: Place, data: MapData): string {
  if (one.why) return _("%(name)s: %(why)s, %(people)s innbyggere", { name: one.name, why: one.why.charAt(0).toLowerCase() + one.why.slice(1), people: number.format(one.population) });
  if (one.value === null) return _("%(name)s: tallet er skjult eller mangler, %(people)s innbyggere", { name: one.name, people: number.format(one.population) });
  const base = one.count === undefined || one.count === null ? "" : _(", %(n)s av %(people)s", { n: number.format(one.count), people: number.format(one.population) });
  return `${one.name}: ${number.format(one.value)} ${data.unit}${base}`;
}

function shade(one: Place, classes: number[]): string {
  const { value } = one;
  if (value === null) return "map-hidden";
  return `map-${1 + classes.filter((limit) => value >= limit).length}`;
}

/** Transverse Mercator about 15° east, as Norway's own maps; then a push apart that keeps each near its place. */
function spread(places: Place[], width: number, height: number): Circle[] {
  const projected = places.map((place) => {
    const [lat, lon] = [(place.lat * Math.PI) / 180, ((place.lon - 15) * Math.PI) / 180];
    const b = Math.cos(lat) * Math.sin(lon);
    return { place, x: Math.atanh(b), y: -Math.atan2(Math.tan(lat), Math.cos(lon)) };
  });
  const xs = projected.map((one) => one.x);
  const ys = projected.map((one) => one.y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const edge = 26;
  const k = Math.min((width - 2 * edge) / (Math.max(...xs) - left || 1), (height - 2 * edge) / (Math.max(...ys) - top || 1));
  // A tenth of the box is about what the circles may fill before the shape of Norway is lost.
  const people = places.reduce((all, one) => all + one.population, 0) || 1;
  const unit = Math.sqrt((width * height * 0.1) / (Math.PI * people));
  const made: (Circle & { hx: number; hy: number })[] = projected.map(({ place, x, y }) => {
    const [hx, hy] = [edge + (x - left) * k, edge + (y - top) * k];
    return { ...place, x: hx, y: hy, hx, hy, r: Math.max(unit * Math.sqrt(place.population), 2.2) };
  });
  for (let round = 0; round < 160; round++) {
    for (const one of made) {
      one.x += (one.hx - one.x) * 0.04;
      one.y += (one.hy - one.y) * 0.04;
    }
    for (let i = 0; i < made.length; i++) {
      for (let j = i + 1; j < made.length; j++) push(made[i] as Circle, made[j] as Circle);
    }
  }
  for (const one of made) {
    one.x = Math.min(Math.max(one.x, one.r + 4), width - one.r - 4);
    one.y = Math.min(Math.max(one.y, one.r + 4), height - one.r - 4);
  }
  return made;
}

function push(a: Circle, b: Circle): void {
  const wanted = a.r + b.r + 0.9;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  if (Math.abs(dx) >= wanted || Math.abs(dy) >= wanted) return;
  const apart = Math.hypot(dx, dy) || 0.01;
  if (apart >= wanted) return;
  // The large stand; the small give way.
  const share = (b.r * b.r) / (a.r * a.r + b.r * b.r);
  const [mx, my] = [((wanted - apart) * dx) / apart, ((wanted - apart) * dy) / apart];
  a.x -= mx * share;
  a.y -= my * share;
  b.x += mx * (1 - share);
  b.y += my * (1 - share);
}

/** Names of the marked places: inside when there is room, else beside with a line, where fewest circles are covered. */
function names(made: Circle[], width: number, classes: number[]): SVGElement[] {
  const taken: [number, number, number, number][] = [];
  return made
    .filter((one) => one.label || one.own)
    .sort((a, b) => b.r - a.r)
    .map((one) => {
      const wide = one.name.length * 7.4 + 6;
      if (one.r * 2 > wide + 4) {
        const dark = shade(one, classes) === "map-4" || shade(one, classes) === "map-5";
        return svg("text", { class: `strong ${dark ? "on-place" : "on-light"}`, x: one.x, y: one.y + 4.5, "text-anchor": "middle", "aria-hidden": "true" }, one.name);
      }
      let best = { cost: Infinity, x: one.x, y: one.y - one.r - 16, side: 1 };
      for (const far of [14, 30, 50, 80, 120]) {
        for (let turn = 0; turn < 16; turn++) {
          const [cos, sin] = [Math.cos((turn * Math.PI) / 8), Math.sin((turn * Math.PI) / 8)];
          const side = cos < -0.01 ? -1 : 1;
          const [x, y] = [one.x + (one.r + far) * cos, one.y + (one.r + far) * sin];
          const box: [number, number, number, number] = [side > 0 ? x : x - wide, y - 11, side > 0 ? x + wide : x, y + 7];
          if (box[0] < 2 || box[2] > width - 2 || box[1] < 2) continue;
          const covered = made
            .filter((c) => c.x + c.r > box[0] && c.x - c.r < box[2] && c.y + c.r > box[1] && c.y - c.r < box[3])
            .reduce((all, c) => all + c.r, 0);
          const crossed = taken.filter((t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1]).length;
          const cost = covered * 1.5 + crossed * 60 + far / 2 + Math.abs(sin) * 3;
          if (cost < best.cost) best = { cost, x, y, side };
        }
      }
      const { x, y, side } = best;
      taken.push([side > 0 ? x : x - wide, y - 11, side > 0 ? x + wide : x, y + 7]);
      return svg(
        "g",
        { "aria-hidden": "true" },
        lead(one, x - side * 3, y),
        svg("text", { class: "strong node-name", x, y: y + 4.5, "text-anchor": side > 0 ? "start" : "end" }, one.name),
      );
    });
}

function lead(one: Circle, x: number, y: number): SVGLineElement {
  const far = Math.hypot(x - one.x, y - one.y) || 1;
  const from = (one.r + (one.own ? 4 : 0)) / far;
  return svg("line", { class: "place-lead", x1: one.x + (x - one.x) * from, y1: one.y + (y - one.y) * from, x2: x, y2: y });
}

/** Kommuner with their borders; nothing when the border file can't be had, and the circles stand in. */
async function borders(data: MapData, width: number, label: string): Promise<SVGSVGElement | undefined> {
  const answer = await fetch(data.geo ?? "").catch(() => undefined);
  if (!answer?.ok) return undefined;
  const geo = (await answer.json()) as { features: { properties: { id: string } }[] };
  const picture = Plot.plot({
    width,
    height: Math.min(width * 1.32, 760),
    projection: { type: "transverse-mercator", rotate: [-15, 0], domain: geo as never },
    marks: [Plot.geo(geo.features as never, { stroke: "currentColor" })],
  }) as SVGSVGElement;
  picture.querySelectorAll("style").forEach((style) => (style.nonce = nonce()));
  picture.setAttribute("role", "group");
  picture.setAttribute("aria-label", label);
  const found = new Map(data.places.map((place) => [place.id, place]));
  const own = data.places.find((one) => one.own) ?? data.places[0];
  [...picture.querySelectorAll<SVGPathElement>('[aria-label="geo"] path')].forEach((path, i) => {
    const place = found.get(geo.features[i]?.properties.id ?? "");
    if (!place) return;
    const group = anchor(place, data, place === own);
    if (place.own) group.classList.add("selected");
    path.replaceWith(group);
    path.setAttribute("class", `place ${shade(place, data.classes)}`);
    group.append(path);
  });
  picture.querySelector('[aria-label="geo"]')?.removeAttribute("aria-label");
  // A neighbour drawn later would cover half of a shape's own outline, so the ring is drawn on top of all.
  const ring = svg("path", { class: "place-ring", "aria-hidden": "true" });
  picture.append(ring);
  picture.addEventListener("focusin", (event) => {
    const shape = event.target instanceof Element ? event.target.querySelector("path") : null;
    ring.setAttribute("d", shape?.getAttribute("d") ?? "");
  });
  picture.addEventListener("focusout", () => ring.setAttribute("d", ""));
  return picture;
}

function walk(event: KeyboardEvent): void {
  const here = event.target instanceof Element ? event.target.closest<SVGElement>("[data-id]") : null;
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!here || !way) return;
  event.preventDefault();
  const middle = (one: Element): [number, number] => {
    const box = one.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [x, y] = middle(here);
  let [best, least] = [undefined as SVGElement | undefined, Infinity];
  for (const one of here.ownerSVGElement?.querySelectorAll<SVGElement>("[data-id]") ?? []) {
    const [ox, oy] = middle(one);
    const along = (ox - x) * (way[0] ?? 0) + (oy - y) * (way[1] ?? 0);
    const aside = Math.abs((ox - x) * (way[1] ?? 0)) + Math.abs((oy - y) * (way[0] ?? 0));
    const cost = along + 2 * aside;
    if (one !== here && along > 0.5 && aside <= along * 1.5 && cost < least) [best, least] = [one, cost];
  }
  if (!best) return;
  here.setAttribute("tabindex", "-1");
  best.setAttribute("tabindex", "0");
  best.focus();
}

function legend(data: MapData): HTMLElement {
  const sign = (kind: string) => {
    const made = svg("svg", { viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" });
    made.append(svg("circle", { class: `place ${kind}`, cx: 7, cy: 7, r: 6 }));
    return made;
  };
  const { classes } = data;
  const words = [
    _("under %(n)s", { n: classes[0] ?? 0 }),
    ...classes.slice(1).map((limit, i) => `${classes[i] ?? 0}–${limit - 1}`),
    _("%(n)s og over", { n: classes.at(-1) ?? 0 }),
  ];
  return html(
    "ul",
    { class: "legend", "aria-label": _("Farge: %(unit)s", { unit: data.unit }) },
    ...words.map((word, i) => html("li", {}, sign(`map-${i + 1}`), word)),
    html("li", {}, sign("map-hidden"), _("skjult eller mangler")),
  );
}
