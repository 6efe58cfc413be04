/* The contact grid: a table one writes in, where each row is judged as one types and kept as one leaves.

   The server draws the rows (ui.sheet in macros/sheet.html). A row is posted to the sheet's address as form fields: every
   column by its name, `row` (its id, empty for a new one), `version`, and `mode`: "try" (say what would be, write nothing)
   120 ms after a letter, "save" on leaving a cell. The answer, JSON:
     {id, version, verdict, own, why, notes: {column: html}, errors: {column: text}, values?: {column: value}, say, summary}
   verdict, own and why are HTML for the row's right-hand cells; say is spoken once per row. 409 carries `values` and `by`. */

import htmx from "htmx.org";
import { _, announce, clockNow, dataOf, html, send, shape } from "./page";
import { type Column, cellsOf, meant, understand, writtenDate } from "./pasted";

interface SheetData {
  columns: Column[];
  action: string;
  today: string;
  fixed?: Record<string, string>;
}
interface Reply {
  id?: string;
  version?: string | number;
  verdict?: string;
  own?: string;
  why?: string;
  notes?: Record<string, string>;
  errors?: Record<string, string>;
  values?: Record<string, string>;
  say?: string;
  summary?: string;
  by?: string;
  message?: string;
}

const TRY_AFTER = 120;
const MOST_ROWS = 1000;
const AT_ONCE = 4;

interface State {
  saved: string;
  timer: number;
  turn: number;
  busy: boolean;
  again: boolean;
  said: string;
  tries: number;
}

export function start(island: HTMLElement): void {
  const found = dataOf<SheetData>(island);
  const body = island.querySelector("tbody");
  const template = island.querySelector<HTMLTemplateElement>("template[data-sheet-row]");
  if (!found || !body || !template) return;
  const data: SheetData = found;
  const rows: HTMLTableSectionElement = body;
  const states = new WeakMap<HTMLElement, State>();

  const stateOf = (row: HTMLElement): State => {
    let state = states.get(row);
    if (!state) {
      state = { saved: row.dataset["row"] ? fingerprint(valuesOf(row)) : fingerprint({}), timer: 0, turn: 0, busy: false, again: false, said: "", tries: 0 };
      states.set(row, state);
    }
    return state;
  };
  const cells = (row: HTMLElement) => [...row.querySelectorAll<HTMLInputElement | HTMLSelectElement>(".cell")];
  const columnOf = (cell: HTMLElement) => data.columns.find((column) => column.name === cell.getAttribute("name"));

  function valuesOf(row: HTMLElement): Record<string, string> {
    const values: Record<string, string> = {};
    for (const cell of cells(row)) {
      const column = columnOf(cell);
      if (column && cell.value.trim()) values[column.name] = meant(cell.value, column, data.today) ?? cell.value;
    }
    return values;
  }

  /** Put stored values in the cells as people write them. */
  function put(row: HTMLElement, values: Record<string, string>): void {
    for (const cell of cells(row)) {
      const column = columnOf(cell);
      const value = column && values[column.name];
      if (column && value !== undefined && cell !== document.activeElement) cell.value = written(column, value);
    }
  }

  function written(column: Column, value: string): string {
    const word = Object.entries(column.words ?? {}).find(([, stored]) => stored === value)?.[0];
    if (word) return word;
    if (column.type === "date" && /^\d{4}-/.test(value)) return writtenDate(value, data.today);
    return column.type === "number" ? value.replace(".", ",") : value;
  }

  function addRow(values: Record<string, string> = {}): HTMLElement {
    const row = template?.content.firstElementChild?.cloneNode(true) as HTMLElement;
    rows.append(row);
    number();
    put(row, values);
    return row;
  }

  function number(): void {
    rows.querySelectorAll("[data-row] > .sheet-number").forEach((cell, i) => {
      cell.textContent = String(i + 1);
      for (const one of cell.parentElement?.querySelectorAll<HTMLElement>(".cell") ?? []) {
        one.setAttribute("aria-label", _("%(column)s, rad %(n)s", { column: columnOf(one)?.word ?? "", n: i + 1 }));
      }
    });
  }

  function ready(): void {
    const last = [...rows.querySelectorAll<HTMLElement>("[data-row]")].at(-1);
    if (!last || Object.keys(valuesOf(last)).length) addRow();
  }

  async function post(row: HTMLElement, mode: "try" | "save"): Promise<void> {
    const state = stateOf(row);
    window.clearTimeout(state.timer);
    const values = valuesOf(row);
    const mark = fingerprint(values);
    if (mode === "save" && (mark === state.saved || (!row.dataset["row"] && !Object.keys(values).length))) return;
    if (mode === "save" && state.busy) {
      state.again = true;
      return;
    }
    const turn = ++state.turn;
    if (mode === "save") {
      state.busy = true;
      tell("busy", _("Lagrer …"));
    }
    const response = await send(data.action, { ...data.fixed, ...blank(data.columns), ...values, row: row.dataset["row"] ?? "", version: row.dataset["version"] ?? "", mode });
    const reply = (await response?.json().catch(() => ({}))) as Reply | undefined;
    if (mode === "save") state.busy = false;
    if (!row.isConnected) return;
    if (response?.ok && reply) {
      if (mode === "save") {
        state.saved = mark;
        state.tries = 0;
        if (reply.id) row.dataset["row"] = reply.id;
        if (reply.version !== undefined) row.dataset["version"] = String(reply.version);
        tell("", _("Lagret kl. %(when)s", { when: clockNow() }));
        island.dispatchEvent(new CustomEvent("smittesporing:row", { bubbles: true }));
      }
      if (turn === state.turn) show(row, reply, state);
    } else if (response && response.status < 500 && response.status !== 401 && reply) {
      if (response.status === 409 && reply.values) return clash(row, reply, state);
      show(row, reply, state);
      tell("failed", reply.message ?? _("Ikke lagret: se raden"));
    } else if (mode === "save") {
      tell("failed", reply?.message ?? _("Ikke lagret: prøver igjen"));
      if (state.tries++ === 0) announce(reply?.message ?? _("Ikke lagret. Raden står, og vi prøver igjen."));
      state.timer = window.setTimeout(() => void post(row, "save"), Math.min(2000 * 2 ** state.tries, 30_000));
      return;
    }
    if (state.again) {
      state.again = false;
      void post(row, "save");
    }
  }

  function show(row: HTMLElement, reply: Reply, state: State): void {
    const fill = (selector: string, content: string | undefined) => {
      const cell = row.querySelector(selector);
      if (!cell || content === undefined) return;
      // Our own server's HTML, escaped by its templates.
      cell.innerHTML = content;
      htmx.process(cell);
    };
    fill(".sheet-verdict", reply.verdict);
    fill(".sheet-own", reply.own);
    if (reply.why !== undefined) reason(row, reply.why);
    if (reply.values) put(row, reply.values);
    for (const cell of cells(row)) {
      const name = cell.getAttribute("name") ?? "";
      const error = reply.errors?.[name];
      if (error) cell.setAttribute("aria-invalid", "true");
      else cell.removeAttribute("aria-invalid");
      note(cell, error ? html("span", {}, error) : reply.notes?.[name], Boolean(error));
    }
    const summary = island.querySelector("[data-sheet-summary]");
    if (summary && reply.summary !== undefined) summary.textContent = reply.summary;
    if (reply.say && reply.say !== state.said) {
      state.said = reply.say;
      announce(reply.say, 900);
    }
    const button = row.querySelector<HTMLElement>("[data-why]");
    const open = row.nextElementSibling instanceof HTMLElement && row.nextElementSibling.matches(".sheet-why:not([hidden])");
    button?.setAttribute("aria-expanded", String(open));
  }

  function note(cell: HTMLElement, content: string | Node | undefined, wrong: boolean): void {
    cell.parentElement?.querySelector(".cell-note")?.remove();
    cell.removeAttribute("aria-describedby");
    if (!content) return;
    const id = `n${Math.random().toString(36).slice(2, 9)}`;
    const line = html("div", { class: wrong ? "cell-note signal" : "cell-note", id });
    if (typeof content === "string") line.innerHTML = content;
    else line.append(content);
    cell.setAttribute("aria-describedby", id);
    cell.parentElement?.append(line);
  }

  function reason(row: HTMLElement, content: string): void {
    let next = row.nextElementSibling as HTMLElement | null;
    if (!next?.matches(".sheet-why")) {
      next = html("tr", { class: "sheet-why", hidden: true }, html("td", { colspan: data.columns.length + 3 }));
      row.after(next);
    }
    const cell = next.firstElementChild;
    if (cell) cell.innerHTML = content;
  }

  function toggle(button: HTMLElement): void {
    const next = button.closest("[data-row]")?.nextElementSibling;
    if (!(next instanceof HTMLElement) || !next.matches(".sheet-why")) return;
    next.hidden = !next.hidden;
    button.setAttribute("aria-expanded", String(!next.hidden));
    button.closest("[data-row]")?.classList.toggle("current", !next.hidden);
  }

  /** A colleague changed the row: her values are named, and one chooses. */
  function clash(row: HTMLElement, reply: Reply, state: State): void {
    if (reply.version !== undefined) row.dataset["version"] = String(reply.version);
    const mine = html("button", { type: "button", class: "ds-button button button-quiet" }, _("Behold min"));
    const take = html("button", { type: "button", class: "ds-button button button-quiet" }, _("Bruk den andres"));
    const theirs = Object.entries(reply.values ?? {})
      .map(([name, value]) => [data.columns.find((column) => column.name === name), value] as const)
      .map(([column, value]) => (column ? `${column.word}: ${written(column, value)}` : ""))
      .filter(Boolean)
      .join(", ");
    const box = html("div", { class: "field-both" }, html("p", {}, _("%(who)s har endret raden. %(values)s", { who: reply.by ?? _("En kollega"), values: theirs })), html("div", { class: "acts" }, mine, take));
    mine.addEventListener("click", () => void (box.remove(), post(row, "save")));
    take.addEventListener("click", () => {
      box.remove();
      put(row, reply.values ?? {});
      state.saved = fingerprint(valuesOf(row));
      void post(row, "try");
    });
    row.querySelector(".sheet-verdict")?.append(box);
    tell("failed", _("En kollega har endret raden"));
    announce(_("%(who)s har endret raden. Velg hvilke verdier som gjelder.", { who: reply.by ?? _("En kollega") }));
  }

  function rowOf(target: EventTarget | null): HTMLElement | null {
    return target instanceof Element ? target.closest<HTMLElement>("[data-row]") : null;
  }

  rows.addEventListener("input", (event) => {
    const row = rowOf(event.target);
    if (!row) return;
    ready();
    const state = stateOf(row);
    window.clearTimeout(state.timer);
    state.timer = window.setTimeout(() => void post(row, "try"), TRY_AFTER);
  });
  rows.addEventListener("change", (event) => {
    const cell = event.target;
    const row = rowOf(cell);
    if (!row || !(cell instanceof HTMLInputElement || cell instanceof HTMLSelectElement)) return;
    const column = columnOf(cell);
    if (!column) return;
    const value = meant(cell.value, column, data.today);
    if (value === undefined) {
      cell.setAttribute("aria-invalid", "true");
      note(cell, html("span", {}, column.type === "date" ? _("Skriv datoen som 18.1.") : _("Skriv et tall.")), true);
      return;
    }
    cell.value = written(column, value);
    void post(row, "save");
  });
  rows.addEventListener("keydown", (event) => move(event));
  rows.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-why]") : null;
    if (button) toggle(button);
  });
  rows.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>(".cell") : null;
    if (!cell || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    preview(text, cell.getAttribute("name") ?? "", cell);
  });

  /** Down and up stay in the column; a list keeps its own arrows, so Ctrl is needed there. */
  function move(event: KeyboardEvent): void {
    const cell = event.target;
    if (!(cell instanceof HTMLInputElement || cell instanceof HTMLSelectElement) || !cell.matches(".cell")) return;
    const down = event.key === "ArrowDown" || (event.key === "Enter" && !event.shiftKey);
    const up = event.key === "ArrowUp" || (event.key === "Enter" && event.shiftKey);
    if ((!down && !up) || event.altKey || (cell instanceof HTMLSelectElement && !event.ctrlKey && event.key !== "Enter")) return;
    const all = [...rows.querySelectorAll<HTMLElement>("[data-row]")];
    const next = all[all.indexOf(rowOf(cell) as HTMLElement) + (down ? 1 : -1)];
    const aim = next?.querySelector<HTMLElement>(`.cell[name="${CSS.escape(cell.name)}"]`);
    if (!aim) return;
    event.preventDefault();
    aim.focus();
    if (aim instanceof HTMLInputElement) aim.select();
  }

  /** Show what was understood before anything is written. */
  function preview(text: string, from: string, back: HTMLElement): void {
    island.querySelector(".sheet-pasted")?.remove();
    const read = understand(cellsOf(text), data.columns, from, data.today);
    const used = read.columns.filter((column): column is Column => Boolean(column));
    const doubtful = read.rows.filter((row) => row.doubts.length).length;
    const many = read.rows.length > MOST_ROWS;
    const title = html("strong", { tabindex: -1 }, `${read.header ? _("%(n)s rader lest, overskriften brukt.", { n: read.rows.length }) : _("%(n)s rader lest.", { n: read.rows.length })} ${doubtful ? _("%(n)s har noe vi ikke forsto.", { n: doubtful }) : _("Alt ble forstått.")}`);
    const list = html("table", {}, html("caption", { class: "ds-sr-only" }, _("Slik leste vi radene")), html("thead", {}, html("tr", {}, ...used.map((column) => html("th", { scope: "col" }, column.word)))));
    const shown = html("tbody", {});
    for (const row of read.rows.slice(0, 12)) {
      shown.append(html("tr", {}, ...used.map((column) => {
        const doubt = row.doubts.includes(column.name);
        const value = row.values[column.name] ?? "";
        const option = column.options?.find((one) => one.value === value)?.word;
        return html("td", { class: doubt ? "doubt" : undefined }, ...(doubt ? [shape("triangle"), " "] : []), option ?? written(column, value));
      })));
    }
    list.append(shown);
    const add = html("button", { type: "button", class: "ds-button button button-primary", disabled: many }, _("Legg til %(n)s rader", { n: read.rows.length }));
    const cancel = html("button", { type: "button", class: "ds-button button button-quiet" }, _("Avbryt"));
    const box = html("div", { class: "sheet-pasted", role: "group", "aria-label": _("Innlimte rader") }, title, html("div", { class: "table-scroll", tabindex: 0, role: "group", "aria-label": _("Slik leste vi radene") }, list));
    if (read.rows.length > 12) box.append(html("p", { class: "subtle" }, _("… og %(n)s til", { n: read.rows.length - 12 })));
    if (many) box.append(html("p", { class: "field-error" }, shape("triangle"), html("span", {}, _("Lim inn høyst %(n)s rader om gangen. Lengre lister leses inn fra fil.", { n: MOST_ROWS }))));
    box.append(html("div", { class: "acts" }, add, cancel));
    cancel.addEventListener("click", () => void (box.remove(), back.focus()));
    add.addEventListener("click", () => {
      box.remove();
      void write(read.rows.map((row) => row.values));
    });
    island.querySelector(".sheet")?.after(box);
    title.focus();
  }

  async function write(all: Record<string, string>[]): Promise<void> {
    for (const row of [...rows.querySelectorAll<HTMLElement>("[data-row]")]) {
      if (!row.dataset["row"] && !Object.keys(valuesOf(row)).length) row.remove();
    }
    const waiting = all.map((values) => addRow(values));
    ready();
    rows.querySelectorAll<HTMLElement>("[data-row]")[0]?.querySelector<HTMLElement>(".cell")?.focus();
    let [done, stopped] = [0, false];
    const line = html("span", { role: "status" }, "");
    const stop = html("button", { type: "button", class: "ds-button button button-quiet" }, _("Stopp"));
    const box = html("div", { class: "sheet-pasted" }, html("div", { class: "line" }, line, stop));
    stop.addEventListener("click", () => (stopped = true));
    if (all.length > AT_ONCE * 2) island.querySelector(".sheet")?.after(box);
    const work = async (): Promise<void> => {
      for (let row = waiting.shift(); row && !stopped; row = waiting.shift()) {
        await post(row, "save");
        line.textContent = _("Lagrer %(n)s av %(all)s rader", { n: ++done, all: all.length });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    box.remove();
    announce(stopped ? _("Stoppet etter %(n)s rader. Resten står i arket og lagres når du går innom dem.", { n: done }) : _("%(n)s rader er lagt til.", { n: done }), 1200);
  }

  function tell(state: "" | "busy" | "failed", words: string): void {
    for (const line of document.querySelectorAll<HTMLElement>("[data-saved-line]")) {
      line.classList.toggle("busy", state === "busy");
      line.classList.toggle("failed", state === "failed");
      line.replaceChildren(...(state === "busy" ? [] : [shape(state ? "triangle" : "check")]), html("span", {}, words));
    }
  }

  for (const row of rows.querySelectorAll<HTMLElement>("[data-row]")) {
    put(row, Object.fromEntries(cells(row).map((cell) => [cell.getAttribute("name") ?? "", cell.value])));
    stateOf(row);
  }
  number();
  ready();
}

function fingerprint(values: Record<string, string>): string {
  return JSON.stringify(Object.entries(values).sort());
}

function blank(columns: Column[]): Record<string, string> {
  return Object.fromEntries(columns.map((column) => [column.name, ""]));
}
