/* Hands on the keys: rows, letters and the list of keys, all declared in the page's HTML.

   [data-rows]    a container whose [data-row] elements ↑ and ↓ move between; Enter opens the row's data-href
   data-key="R"   R clicks it (or focuses it, when it is a field). In a list, the one in the row one stands on
   data-key="Control+K"  with a modifier; works inside fields too
   Letters work outside fields, and with Alt inside them. Esc goes back to the row one came from. */

import { announce } from "./page";

const REMEMBERED = "smittesporing.row";

export function start(): void {
  document.addEventListener("keydown", pressed);
  document.addEventListener("focusin", remember);
  for (const list of lists()) settle(list);
  comeBack();
}

/** Make one row of each list reachable by Tab; called again when a list has been put in anew. */
export function settle(list: Element): void {
  const rows = rowsOf(list);
  if (!rows.some((row) => row.tabIndex === 0)) rows.forEach((row, i) => (row.tabIndex = i === 0 ? 0 : -1));
}

function lists(): Element[] {
  return [...document.querySelectorAll("[data-rows]")];
}

function rowsOf(list: Element): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[data-row]:not([hidden])")];
}

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const target = event.target instanceof HTMLElement ? event.target : document.body;
  const writing = target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  if (document.querySelector("dialog[open]")) return;
  if (!writing && !event.ctrlKey && !event.metaKey && !event.altKey && moved(event, target)) return;
  const name = named(event, writing);
  if (!name) return;
  if (name === "?") return showKeys(event);
  if (name === "Escape") return goBack(event, target);
  const found = holder(name, target);
  if (!found) return;
  event.preventDefault();
  if (found.matches("input, select, textarea")) {
    found.focus();
    if (found instanceof HTMLInputElement) found.select();
  } else {
    found.click();
  }
}

/** The key as pages name it, or nothing when it belongs to what one is writing. */
function named(event: KeyboardEvent, writing: boolean): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (event.ctrlKey || event.metaKey) return `Control+${key}`;
  if (event.altKey) return event.code.startsWith("Key") ? event.code.slice(3) : `Alt+${key}`;
  return writing && key !== "Escape" ? "" : key;
}

function moved(event: KeyboardEvent, target: HTMLElement): boolean {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp" && event.key !== "Enter") return false;
  const row = target.closest<HTMLElement>("[data-row]");
  if (event.key === "Enter") {
    if (!row || row !== target || !row.dataset["href"]) return false;
    event.preventDefault();
    sessionStorage.setItem(REMEMBERED, JSON.stringify([location.pathname + location.search, row.id]));
    location.assign(row.dataset["href"]);
    return true;
  }
  const list = row?.closest("[data-rows]") ?? (target === document.body || target.id === "innhold" ? lists()[0] : null);
  if (!list) return false;
  const rows = rowsOf(list);
  const here = row ? rows.indexOf(row) : -1;
  const next = rows[event.key === "ArrowDown" ? here + 1 : Math.max(here - 1, 0)];
  if (next) {
    event.preventDefault();
    stand(next);
  }
  return true;
}

/** Move to a row: it alone takes part in Tab, and it is in view. */
export function stand(row: HTMLElement): void {
  const list = row.closest("[data-rows]");
  if (list) for (const other of rowsOf(list)) other.tabIndex = other === row ? 0 : -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** The element a key belongs to: in the row one stands on, in the chosen row, or the page's own. */
function holder(name: string, target: HTMLElement): HTMLElement | null {
  const wanted = `[data-key="${CSS.escape(name)}"]`;
  const row = target.closest("[data-row]") ?? document.querySelector('[data-rows] [data-row][tabindex="0"]');
  const inRow = row?.querySelector<HTMLElement>(wanted);
  if (inRow) return inRow;
  const outside = [...document.querySelectorAll<HTMLElement>(wanted)].filter((one) => !one.closest("[data-row]"));
  return outside.find((one) => one.offsetParent !== null) ?? null;
}

function showKeys(event: KeyboardEvent): void {
  event.preventDefault();
  document.querySelector<HTMLDialogElement>("#taster")?.showModal();
}

function goBack(event: KeyboardEvent, target: HTMLElement): void {
  const row = target.closest<HTMLElement>("[data-row]");
  if (row && row !== target) {
    event.preventDefault();
    stand(row);
    return;
  }
  const from = read();
  if (!from || row || from[0] === location.pathname + location.search) return;
  event.preventDefault();
  location.assign(from[0]);
}

let place: { list: Element; index: number } | undefined;

/** After something was put in anew: stand where one stood, or on the next row when that one is done (folded) or gone. */
export function keepPlace(): void {
  if (document.activeElement !== document.body || !place?.list.isConnected) return;
  const rows = rowsOf(place.list);
  const next = rows.slice(place.index).find((row) => !row.classList.contains("folded")) ?? rows.at(-1);
  if (next) stand(next);
}

function remember(event: FocusEvent): void {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-row]") : null;
  const list = row?.closest("[data-rows]");
  place = row && list ? { list, index: rowsOf(list).indexOf(row) } : undefined;
  if (row?.id) sessionStorage.setItem(REMEMBERED, JSON.stringify([location.pathname + location.search, row.id]));
}

function read(): [string, string] | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(REMEMBERED) ?? "") as [string, string];
  } catch {
    return undefined;
  }
}

function comeBack(): void {
  const from = read();
  if (!from || from[0] !== location.pathname + location.search) return;
  const row = document.getElementById(from[1]);
  if (!row) return;
  stand(row);
  announce(row.getAttribute("aria-label") ?? "");
}
