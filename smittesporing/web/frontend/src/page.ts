/* What every island uses of the page around it: its data block, polite announcements, dates, requests with the page's
   token, and a problem shown where people look. Draws nothing by itself. */

const translated: Record<string, string> = JSON.parse(document.getElementById("ord")?.textContent ?? "{}");

/** The text in the page's language, with %(name)s filled in. Bokmål is the source and needs no list. */
export function _(text: string, values: Record<string, string | number> = {}): string {
  return (translated[text] ?? text).replace(/%\((\w+)\)s/g, (_all, name: string) => String(values[name] ?? ""));
}

export const SVG = "http://www.w3.org/2000/svg";

type Attributes = Record<string, string | number | boolean | undefined>;

/** The JSON that the server wrote beside an island; undefined when it is missing or broken. */
export function dataOf<T>(island: HTMLElement): T | undefined {
  const block = document.getElementById(island.dataset["source"] ?? "");
  try {
    return block ? (JSON.parse(block.textContent ?? "") as T) : undefined;
  } catch {
    return undefined;
  }
}

/** An SVG element with attributes; false and undefined are left out. */
export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...inside: (Node | string)[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, String(value));
  }
  made.append(...inside);
  return made;
}

/** An HTML element with attributes and content. */
export function html<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...inside: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...inside);
  return made;
}

let announcing = 0;

/** Say a sentence to screen readers when it is quiet; a later one within `wait` ms takes its place. */
export function announce(sentence: string, wait = 100): void {
  const line = document.getElementById("announcer");
  if (!line) return;
  window.clearTimeout(announcing);
  announcing = window.setTimeout(() => {
    line.textContent = line.textContent === sentence ? `${sentence}\u00a0` : sentence;
  }, wait);
}

/** A problem as a line above the content, spoken at once; a second one takes the first one's place. */
export function showProblem(sentence: string): void {
  const main = document.getElementById("innhold");
  document.getElementById("problem")?.remove();
  const line = html("div", { id: "problem", class: "notice notice-error", role: "alert" });
  line.append(html("div", {}, html("span", { class: "ds-sr-only" }, _("Feil: ")), sentence));
  main?.prepend(line);
  line.scrollIntoView({ block: "nearest" });
}

/** POST fields to our own server; answers the response, or undefined when nobody answered. */
export async function send(url: string, fields: Record<string, string> | FormData): Promise<Response | undefined> {
  const body = fields instanceof FormData ? new URLSearchParams(text(fields)) : new URLSearchParams(fields);
  try {
    const answer = await fetch(url, {
      method: "POST",
      body,
      headers: { Accept: "application/json", ...token() },
      signal: AbortSignal.timeout(15_000),
    });
    // One who is signed out is sent to sign in, and that page's «ok» must not pass for a saved field.
    return answer.redirected ? Response.json({ message: _(SIGNED_OUT) }, { status: 401 }) : answer;
  } catch {
    return undefined;
  }
}

export const SIGNED_OUT = "Du er logget ut. Logg inn i en ny fane, så lagres det du har skrevet.";

function text(form: FormData): [string, string][] {
  return [...form].filter((pair): pair is [string, string] => typeof pair[1] === "string");
}

/** The header that shows a request comes from our own page. */
export function token(): Record<string, string> {
  const found = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
  return found ? { "X-CSRF-Token": found } : {};
}

export function nonce(): string {
  return document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce ?? "";
}

/** The days since 1970 of an ISO date: whole numbers, no time zone. */
export function dayNumber(iso: string): number {
  return Math.round(Date.parse(`${iso.slice(0, 10)}T00:00:00Z`) / 86_400_000);
}

export function isoDay(number: number): string {
  return new Date(number * 86_400_000).toISOString().slice(0, 10);
}

const written = (options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat("nb-NO", { ...options, timeZone: "UTC" });
  return (number: number) => format.format(new Date(number * 86_400_000));
};
export const dayMonth = written({ day: "numeric", month: "long" });
export const dayShort = written({ day: "numeric", month: "short" });
export const dayNamed = written({ weekday: "long", day: "numeric", month: "long" });

/** 12.04 now, on the reader's clock: when it was saved, not a date of the case. */
export function clockNow(): string {
  const now = new Date();
  return `${String(now.getHours()).padStart(2, "0")}.${String(now.getMinutes()).padStart(2, "0")}`;
}

/** The ISO week of a day: its number and its Monday. */
export function weekOf(day: number): { week: number; monday: number } {
  const monday = day - ((day + 3) % 7);
  const thursday = new Date((monday + 3) * 86_400_000);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1) / 86_400_000;
  return { week: 1 + Math.floor((monday + 3 - first) / 7), monday };
}

const SHAPES: Record<string, string> = {
  dot: '<circle cx="6" cy="6" r="5" fill="currentColor"/>',
  triangle: '<path d="M6 .8 11.6 11.2H.4z" fill="currentColor"/>',
  check:
    '<path d="m1.2 6.6 3 3 6.6-7" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round"/>',
};

export function shape(name: string): SVGSVGElement {
  const made = svg("svg", { class: "shape", viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" });
  made.innerHTML = SHAPES[name] ?? "";
  return made;
}
