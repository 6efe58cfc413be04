/* Skip logic as the server decides it: after a save, its answer says which fields to hide, show, demand, fill or mark.
   There is no rule in the browser. Called by autosave.ts; a page may also fire "smittesporing:fields" with the same object.

   fields: {NAME: {hidden?, required?, error?, warning?, value?, options?: [value, …] (those that may be chosen)}}
   NAME is the field's data-field, or the data-section of a whole section. */

import { _, announce, html, shape } from "./page";

export interface FieldAnswer {
  hidden?: boolean;
  required?: boolean;
  error?: string;
  warning?: string;
  value?: string;
  options?: string[];
}
export type FieldAnswers = Record<string, FieldAnswer>;

export function start(): void {
  document.addEventListener("smittesporing:fields", (event) => apply((event as CustomEvent<FieldAnswers>).detail));
}

/** Put the server's answers on the page; a field that is hidden keeps what was typed in it. */
export function apply(answers: FieldAnswers, near: HTMLElement | null = null): void {
  const root: ParentNode = near?.closest("form, [data-form]") ?? document;
  let shown = 0;
  for (const [name, answer] of Object.entries(answers)) {
    const wanted = CSS.escape(name);
    const found = root.querySelectorAll<HTMLElement>(`[data-field="${wanted}"], [data-section="${wanted}"]`);
    for (const field of found) {
      if (answer.hidden !== undefined) {
        if (field.hidden && !answer.hidden) shown += 1;
        field.hidden = answer.hidden;
      }
      if (answer.required !== undefined) demand(field, answer.required);
      if (answer.error !== undefined) line(field, ".field-error", answer.error);
      if (answer.warning !== undefined) warn(field, answer.warning);
      if (answer.options) allow(field, answer.options);
      if (answer.value !== undefined) fill(field, answer.value);
    }
  }
  if (shown > 0) announce(shown === 1 ? _("Ett nytt spørsmål vises nedenfor.") : _("%(n)s nye spørsmål vises nedenfor.", { n: shown }), 600);
}

function demand(field: HTMLElement, required: boolean): void {
  field.querySelector(".must")?.remove();
  const label = field.querySelector(":scope > label, :scope > legend");
  if (required) label?.append(html("span", { class: "must" }, _(" (må fylles ut)")));
  for (const one of field.querySelectorAll<HTMLInputElement>("input, select, textarea")) {
    if (one.type !== "checkbox") one.required = required;
  }
}

function line(field: HTMLElement, selector: string, words: string): void {
  const place = field.querySelector<HTMLElement>(selector);
  if (!place) return;
  const text = place.querySelector("span") ?? place;
  text.textContent = words;
  place.hidden = !words;
  for (const one of field.querySelectorAll("input, select, textarea")) {
    if (words) {
      one.setAttribute("aria-invalid", "true");
      if (place.id) one.setAttribute("aria-describedby", place.id);
    } else one.removeAttribute("aria-invalid");
  }
  if (words) announce(words, 300);
}

/** A warning does not refuse: a number with a wrong check digit is kept, and said. */
function warn(field: HTMLElement, words: string): void {
  field.querySelector(".field-warning")?.remove();
  if (!words) return;
  field.append(html("p", { class: "field-help field-warning" }, shape("triangle"), " ", words));
  announce(words, 300);
}

function allow(field: HTMLElement, values: string[]): void {
  for (const option of field.querySelectorAll<HTMLOptionElement>("option")) {
    option.hidden = option.disabled = option.value !== "" && !values.includes(option.value);
  }
  for (const choice of field.querySelectorAll<HTMLInputElement>(".choice input")) {
    const label = choice.closest<HTMLElement>(".choice");
    if (label) label.hidden = !values.includes(choice.value);
  }
}

function fill(field: HTMLElement, value: string): void {
  const one = field.querySelector<HTMLInputElement>("input:not([type=radio]):not([type=checkbox]), select, textarea");
  if (one && one !== document.activeElement) one.value = value;
  for (const choice of field.querySelectorAll<HTMLInputElement>(".choice input")) {
    choice.checked = value.split(",").includes(choice.value);
  }
}
