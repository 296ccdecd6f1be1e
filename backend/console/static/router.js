/**
 * Addresses and pages.
 *
 * A page is a module in `pages/` and one line in `PAGES` below. Its default export is a `Page`:
 *
 *     export default {
 *       title: "Library",                                   // of the window and the heading
 *       command: (params) => "candor documents",            // the help line: what does the same
 *       View: ({ params, query, go }) => html`…`,           // a Preact component
 *     };
 *
 * `params` are the parts of the path behind the page's name: `/console/ask/chat_1` gives `["chat_1"]`.
 * `query` is the rest of the address as an object. `go(params, query, {replace})` changes both, within the
 * page; a link to anywhere is a plain `<a href=${href("ask", [id])}>`. What a page shows is in its address or
 * on the server, so that every address can be reloaded and shared. Data come by `useLoad` and `call` of
 * `api.js`; whole rows of ready parts (`Empty`, `Notice`, `Trouble`, `Table`, `Dialog`, `Confirm`, `Progress`,
 * `Money`, `Duration`, `Moment`, `Copy`) are in `parts.js`, the pane of a document in `source.js`, and all style in
 * `console.css`. A page uses the focus keys of everybody: `data-search` on the input that `/` goes to,
 * `data-new` on the button that `n` presses.
 */
import { ROOT } from "./api.js";
import { useEffect, useState } from "./vendor/preact.js";

/** @typedef {Record<string, string>} Query */
/** @typedef {(params: readonly string[], query?: Query, options?: {replace?: boolean}) => void} Go */
/** @typedef {{params: readonly string[], query: Query, go: Go}} Place */
/**
 * @typedef {object} Page
 * @property {string} title
 * @property {(params: readonly string[], query: Query) => string} command
 * @property {import("./vendor/preact.js").ComponentType<Place>} View
 */

/** @type {Readonly<Record<string, {label: string, load: () => Promise<{default: Page}>}>>} */
export const PAGES = {
  ask: { label: "Ask", load: () => import("./pages/ask.js") },
  library: { label: "Library", load: () => import("./pages/library.js") },
  conversations: { label: "Conversations", load: () => import("./pages/conversations.js") },
  advice: { label: "Advice", load: () => import("./pages/advice.js") },
  cleaning: { label: "Cleaning", load: () => import("./pages/cleaning.js") },
  improve: { label: "Improve", load: () => import("./pages/improve.js") },
  answers: { label: "Answers", load: () => import("./pages/answers.js") },
  settings: { label: "Settings", load: () => import("./pages/settings.js") },
};

const BASE = `${ROOT}/console`;

/**
 * Returns the address of a page.
 * @param {string} page
 * @param {readonly string[]} [params]
 * @param {Query} [query]
 */
export function href(page, params = [], query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== "");
  const search = given.length ? `?${new URLSearchParams(given)}` : "";
  return `${[BASE, page, ...params.map(encodeURIComponent)].join("/")}${search}`;
}

/**
 * Goes to an address of the console.
 * @param {string} to
 * @param {{replace?: boolean}} [options]
 */
export function navigate(to, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", to);
  window.dispatchEvent(new Event("popstate"));
}

function here() {
  const parts = location.pathname.slice(BASE.length).split("/").filter(Boolean).map(decoded);
  return {
    page: parts[0] ?? "ask",
    params: parts.slice(1),
    query: Object.fromEntries(new URLSearchParams(location.search)),
  };
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Returns where the address leads, now and whenever it changes; links within the console are followed here. */
export function useAddress() {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const moved = () => setPlace(here());
    window.addEventListener("popstate", moved);
    document.addEventListener("click", followed);
    return () => {
      window.removeEventListener("popstate", moved);
      document.removeEventListener("click", followed);
    };
  }, []);
  return place;
}

/** @param {MouseEvent} event */
function followed(event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const within = link.origin === location.origin && `${link.pathname}/`.startsWith(`${BASE}/`);
  if (!within || link.target || link.hasAttribute("download")) return;
  event.preventDefault();
  navigate(link.href);
}
