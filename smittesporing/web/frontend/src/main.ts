/* The page's one script: htmx with our token, keys, saving, skip logic, and each island when the page has it. */

import htmx from "htmx.org";
import * as autosave from "./autosave";
import * as forms from "./forms";
import * as keys from "./keys";
import { _, SIGNED_OUT, showProblem, token } from "./page";

interface RequestContext {
  request?: { headers: Record<string, string> };
  response?: { status: number; headers: Headers; raw: Response };
  text?: string;
}

const ISLANDS: Record<string, () => Promise<{ start(island: HTMLElement): void }>> = {
  sheet: () => import("./sheet"),
  chain: () => import("./chain"),
  epicurve: () => import("./epicurve"),
  map: () => import("./map"),
};
const started = new WeakSet<HTMLElement>();

function startIslands(root: ParentNode): void {
  for (const island of root.querySelectorAll<HTMLElement>("[data-island]")) {
    const load = ISLANDS[island.dataset["island"] ?? ""];
    if (!load || started.has(island)) continue;
    started.add(island);
    void load().then((made) => made.start(island));
  }
}

function contextOf(event: Event): RequestContext {
  return (event as CustomEvent<{ ctx?: RequestContext }>).detail?.ctx ?? {};
}

document.addEventListener("htmx:config:request", (event) => {
  Object.assign(contextOf(event).request?.headers ?? {}, token());
});
document.addEventListener("htmx:before:swap", (event) => {
  // A refusal comes as JSON with a sentence; it is shown above the content, never put into it.
  const { response, text } = contextOf(event);
  if (response?.raw.redirected && new URL(response.raw.url).pathname.startsWith("/logg-inn")) {
    event.preventDefault();
    return showProblem(_(SIGNED_OUT));
  }
  if (!response || response.status < 400) return;
  if (!response.headers.get("content-type")?.includes("json")) return;
  event.preventDefault();
  showProblem(sentenceOf(text ?? ""));
});
document.addEventListener("htmx:error", () => showProblem(_("Tjenesten svarte ikke. Det du har skrevet, står. Prøv igjen.")));
document.addEventListener("htmx:after:swap", () => {
  startIslands(document);
  document.querySelectorAll("[data-rows]").forEach(keys.settle);
  keys.keepPlace();
});

function sentenceOf(json: string): string {
  try {
    return (JSON.parse(json) as { message?: string }).message ?? _("Det gikk ikke.");
  } catch {
    return _("Det gikk ikke.");
  }
}

keys.start();
autosave.start();
forms.start();
startIslands(document);
(globalThis as { htmx?: typeof htmx }).htmx = htmx;
