/** The console: who is signed in, which page the address names, and what every page has around it. */
import { call, get, problemOf, ROOT, useLoad } from "./api.js";
import { Copy, Empty, later, Trouble } from "./parts.js";
import { href, navigate, PAGES, useAddress } from "./router.js";
import { html, render, useEffect, useErrorBoundary, useState } from "./vendor/preact.js";

function Console() {
  const status = useLoad((signal) => get("/api/auth/status", {}, signal), []);
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    const signedOut = () => setEnded(true);
    window.addEventListener("signed-out", signedOut);
    document.addEventListener("keydown", pressed);
    return () => {
      window.removeEventListener("signed-out", signedOut);
      document.removeEventListener("keydown", pressed);
    };
  }, []);
  if (status.problem)
    return html`<main class="sign-in"><h1>Candor</h1><${Trouble} problem=${status.problem} again=${status.reload} /></main>`;
  if (!status.data) return null;
  const begin = () => {
    setEnded(false);
    status.reload();
  };
  if (ended || !status.data.authenticated)
    return html`<${SignIn} status=${status.data} ended=${ended && status.data.authenticated} onDone=${begin} />`;
  return html`<${Frame} status=${status.data} onLeave=${() => location.assign(`${ROOT}/console`)} />`;
}

const SignIn = later(() => import("./sign_in.js"), "SignIn");

/** @param {{status: any, onLeave: () => void}} props */
function Frame({ status, onLeave }) {
  const { page: name, params, query } = useAddress();
  const page = usePage(name);
  const found = page.data?.default;
  const signsIn = status.auth_mode === "required";
  const leave = () => call("POST", "/api/auth/logout").then(onLeave, onLeave);
  /** @type {import("./router.js").Go} */
  const go = (to, asked = {}, options = {}) => navigate(href(name, to, asked), options);
  useEffect(() => {
    document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [name]);
  useEffect(() => {
    document.title = found ? `${found.title} · Candor` : "Candor";
  }, [found]);
  return html`
    <a class="skip" href="#page" onClick=${skip}>Skip to the page</a>
    <header class="top">
      <a class="brand" href=${href("ask")}>Candor</a>
      <nav aria-label="Pages">${Object.entries(PAGES).map(
        ([each, { label }]) =>
          html`<a href=${href(each)} aria-current=${each === name ? "page" : undefined}>${label}</a>`,
      )}</nav>
      ${
        signsIn &&
        html`<span class="who"><span class="soft">${status.user?.name ?? status.user?.id}</span>
        <button type="button" class="quiet" onClick=${leave}>Sign out</button></span>`
      }
    </header>
    <main id="page" tabindex="-1">
      ${page.problem && html`<${Trouble} problem=${page.problem} again=${() => location.reload()} />`}
      ${found && html`<${Guarded} key=${name} page=${found} params=${params} query=${query} go=${go} />`}
    </main>
    <footer class="help">${found && html`<span class="soft">In a terminal</span> <${Copy} text=${found.command(params, query)} />`}
      <a href="${ROOT}/docs">All routes</a></footer>`;
}

/** @param {string} name */
function usePage(name) {
  const load = PAGES[name]?.load ?? (async () => ({ default: missing }));
  return useLoad(
    () =>
      load().catch(async () => {
        await get("/health/live"); // throws where the server does not answer
        throw problemOf("This page belongs to another version of the console: reload it.");
      }),
    [name],
  );
}

const missing = {
  title: "No such page",
  command: () => "candor --help",
  View: () =>
    html`<${Empty} title="There is no such page"><p><a href=${href("ask")}>Ask a question</a> instead.</p><//>`,
};

/** @param {any} props */
function Guarded({ page, ...place }) {
  const [error, reset] = useErrorBoundary((thrown) => console.error(thrown));
  if (error) return html`<${Trouble} problem=${problemOf(error)} again=${reset} />`;
  return html`<${page.View} ...${place} />`;
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault();
  document.getElementById("page")?.focus();
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const { target, key } = event;
  const typing =
    target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const wanted = key === "/" ? "[data-search]" : key === "n" ? "[data-new]" : null;
  const found = wanted && document.querySelector(wanted);
  if (!(found instanceof HTMLElement)) return;
  event.preventDefault();
  if (key === "/") found.focus();
  else found.click();
}

render(html`<${Console} />`, /** @type {HTMLElement} */ (document.getElementById("console")));
