/* A field keeps itself: on leaving it and after a second's pause. Nothing typed is ever taken away.

   .field[data-save="/address"] holds one control, or a group of choices, and an optional data-version. The server gets
   the field's name and value, `version`, and the form's other hidden inputs. It answers JSON:
     200  {version?, at?: "12.04", fields?: {...}}   fields: see forms.ts
     409  {version, value, word?, by?}               a colleague's value: both are offered
     422  {error, fields?}                           a sentence that says what to do
   Anything else, or silence: «Ikke lagret: prøver igjen», and it does, with a longer wait each time. */

import { apply, type FieldAnswers } from "./forms";
import { _, announce, clockNow, html, send, shape } from "./page";

interface Answer {
  version?: string | number;
  at?: string;
  value?: string;
  word?: string;
  by?: string;
  error?: string;
  message?: string;
  fields?: FieldAnswers;
}

interface Keeping {
  saved: string;
  pause: number;
  tries: number;
  busy: boolean;
}

const PAUSE = 1000;
const WAITS = [2000, 5000, 10_000, 30_000];
const kept = new WeakMap<HTMLElement, Keeping>();
const unsaved = new Set<HTMLElement>();

export function start(): void {
  document.addEventListener("focusin", (event) => begin(fieldOf(event.target)));
  document.addEventListener("input", (event) => later(fieldOf(event.target), PAUSE));
  document.addEventListener("change", (event) => {
    const field = fieldOf(event.target);
    if (field && event.target instanceof Element && event.target.matches("select, [type=radio], [type=checkbox]")) {
      void save(field);
    }
  });
  document.addEventListener("focusout", (event) => {
    const field = fieldOf(event.target);
    if (field && !(event.relatedTarget instanceof Node && field.contains(event.relatedTarget))) void save(field);
  });
  window.addEventListener("online", () => unsaved.forEach((field) => void save(field)));
  window.addEventListener("beforeunload", (event) => {
    if (unsaved.size) event.preventDefault();
  });
}

function fieldOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".field[data-save]") : null;
}

function keepingOf(field: HTMLElement): Keeping {
  let keeping = kept.get(field);
  if (!keeping) {
    keeping = { saved: first(field), pause: 0, tries: 0, busy: false };
    kept.set(field, keeping);
  }
  return keeping;
}

function begin(field: HTMLElement | null): void {
  if (field) keepingOf(field);
}

/** The value that stood in the field when the page came. */
function first(field: HTMLElement): string {
  return controls(field)
    .filter((one) => !(one instanceof HTMLInputElement && /radio|checkbox/.test(one.type)) || one.defaultChecked)
    .map((one) => {
      if (one instanceof HTMLSelectElement) return [...one.options].find((o) => o.defaultSelected)?.value ?? "";
      return one.defaultValue || (one.type === "checkbox" ? one.value : "");
    })
    .join(",");
}

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function controls(field: HTMLElement): Control[] {
  return [...field.querySelectorAll<Control>("input[name], textarea[name], select[name]")];
}

/** The field's value as it is now; several choices are parted by commas. */
export function valueOf(field: HTMLElement): string {
  return controls(field)
    .filter((one) => !(one instanceof HTMLInputElement && /radio|checkbox/.test(one.type)) || one.checked)
    .map((one) => one.value)
    .join(",");
}

function later(field: HTMLElement | null, wait: number): void {
  if (!field) return;
  const keeping = keepingOf(field);
  unsaved.add(field);
  window.clearTimeout(keeping.pause);
  keeping.pause = window.setTimeout(() => void save(field), wait);
}

/** Send the field when it differs from what is stored; a change made meanwhile is sent right after. */
export async function save(field: HTMLElement, force = false): Promise<void> {
  const keeping = keepingOf(field);
  window.clearTimeout(keeping.pause);
  const value = valueOf(field);
  if (keeping.busy) return;
  if (value === keeping.saved && !force) {
    unsaved.delete(field);
    return;
  }
  const broken = controls(field).find((one) => !one.validity.valid && !one.validity.valueMissing);
  if (broken) return problem(field, broken.validationMessage);
  keeping.busy = true;
  unsaved.add(field);
  tell("busy", _("Lagrer …"));
  const response = await send(field.dataset["save"] ?? "", { ...around(field), [field.dataset["field"] ?? ""]: value });
  const answer = await read(response);
  keeping.busy = false;
  if (response?.ok) return saved(field, value, answer);
  if (response?.status === 409 && answer.value !== undefined) return offerBoth(field, answer);
  if (response && [400, 403, 404, 409, 422].includes(response.status)) {
    return problem(field, answer.error ?? answer.message ?? _("Verdien ble ikke tatt imot."), answer.fields);
  }
  const wait = WAITS[Math.min(keeping.tries++, WAITS.length - 1)] ?? 30_000;
  mark(field, response?.status === 401 ? (answer.message ?? "") : _("Ikke lagret: prøver igjen"), true);
  tell("failed", _("Ikke lagret: prøver igjen"));
  if (keeping.tries === 1) announce(answer.message ?? _("Ikke lagret. Teksten din står, og vi prøver igjen."));
  later(field, wait);
}

async function read(response: Response | undefined): Promise<Answer> {
  try {
    return ((await response?.json()) ?? {}) as Answer;
  } catch {
    return {};
  }
}

/** What goes along: the version, and the hidden inputs of the form the field stands in. */
function around(field: HTMLElement): Record<string, string> {
  const along: Record<string, string> = {};
  for (const one of field.closest("form")?.querySelectorAll<HTMLInputElement>("input[type=hidden][name]") ?? []) {
    along[one.name] = one.value;
  }
  const version = field.dataset["version"] ?? field.closest<HTMLElement>("[data-version]")?.dataset["version"];
  if (version) along["version"] = version;
  return along;
}

function saved(field: HTMLElement, value: string, answer: Answer): void {
  const keeping = keepingOf(field);
  keeping.saved = value;
  keeping.tries = 0;
  unsaved.delete(field);
  if (answer.version !== undefined) {
    const holder = field.dataset["version"] !== undefined ? field : field.closest<HTMLElement>("[data-version]");
    (holder ?? field).dataset["version"] = String(answer.version);
  }
  mark(field, "", false);
  clear(field);
  if (unsaved.size === 0) tell("", _("Lagret kl. %(when)s", { when: answer.at && answer.at.length <= 5 ? answer.at : clockNow() }));
  if (answer.fields) apply(answer.fields, field);
  field.dispatchEvent(new CustomEvent("smittesporing:saved", { bubbles: true, detail: answer }));
  if (valueOf(field) !== value) void save(field);
}

/** The page's one line. */
function tell(state: "" | "busy" | "failed", words: string): void {
  for (const line of document.querySelectorAll<HTMLElement>("[data-saved-line]")) {
    line.classList.toggle("busy", state === "busy");
    line.classList.toggle("failed", state === "failed");
    line.replaceChildren(...(state === "busy" ? [] : [shape(state ? "triangle" : "check")]), html("span", {}, words));
  }
}

/** The field's own line, used only when something is not well. */
function mark(field: HTMLElement, words: string, failed: boolean): void {
  const line = field.querySelector<HTMLElement>("[data-saved]");
  if (!line) return;
  line.textContent = words;
  line.hidden = !words;
  line.classList.toggle("failed", failed);
}

function problem(field: HTMLElement, words: string, fields?: FieldAnswers): void {
  unsaved.delete(field);
  const name = field.dataset["field"] ?? "";
  apply({ ...fields, [name]: { ...fields?.[name], error: words } }, field);
  tell("failed", _("Ikke lagret: se feltet"));
}

function clear(field: HTMLElement): void {
  apply({ [field.dataset["field"] ?? ""]: { error: "" } }, field);
  delete field.dataset["changed"];
  field.querySelector(".field-both")?.remove();
}

/** A colleague wrote here meanwhile: both values stay visible until one is chosen. */
function offerBoth(field: HTMLElement, answer: Answer): void {
  const theirs = answer.value ?? "";
  if (answer.version !== undefined) field.dataset["version"] = String(answer.version);
  field.dataset["changed"] = "";
  field.querySelector(".field-both")?.remove();
  const mine = html("button", { type: "button", class: "ds-button button button-quiet" }, _("Behold min verdi"));
  const take = html("button", { type: "button", class: "ds-button button button-quiet" }, _("Bruk den andres"));
  const box = html(
    "div",
    { class: "field-both", role: "group", "aria-label": _("To verdier") },
    html("p", {}, _("%(who)s har skrevet «%(value)s» mens du skrev.", { who: answer.by ?? _("En kollega"), value: answer.word ?? theirs })),
    html("div", { class: "acts" }, mine, take),
  );
  mine.addEventListener("click", () => {
    box.remove();
    void save(field, true);
  });
  take.addEventListener("click", () => {
    put(field, theirs);
    keepingOf(field).saved = theirs;
    unsaved.delete(field);
    clear(field);
    tell("", _("Lagret kl. %(when)s", { when: clockNow() }));
    controls(field)[0]?.focus();
  });
  field.append(box);
  tell("failed", _("En kollega har endret feltet"));
  announce(_("%(who)s har endret feltet. Velg hvilken verdi som gjelder.", { who: answer.by ?? _("En kollega") }));
}

/** Put a value in the field's control or choices. */
export function put(field: HTMLElement, value: string): void {
  const chosen = value.split(",");
  for (const one of controls(field)) {
    if (one instanceof HTMLInputElement && /radio|checkbox/.test(one.type)) one.checked = chosen.includes(one.value);
    else one.value = value;
  }
}
