/** Settings: how the server is, its models, API keys, users, signing out, who works on what, and what leaves this machine. */
import { call, get, ROOT, useLoad } from "../api.js";
import { plain } from "../citations.js";
import {
  Confirm,
  Copy,
  counted,
  Dialog,
  Moment,
  Money,
  Notice,
  Progress,
  STATES,
  Table,
  Trouble,
  useAction,
} from "../parts.js";
import { href } from "../router.js";
import { html, useEffect, useState } from "../vendor/preact.js";

const PARTS = /** @type {Record<string, string>} */ ({
  server: "Server",
  keys: "API keys",
  users: "Users",
  work: "Work",
  privacy: "What leaves this machine",
});
const COMMANDS = /** @type {Record<string, string>} */ ({
  keys: "candor keys",
  work: "candor jobs",
  users: "candor users",
});
const PAGE = 50;
const USUAL = ["chat", "knowledge:read", "advice"];

export default {
  title: "Settings",
  command: (/** @type {readonly string[]} */ [part]) => COMMANDS[part] ?? "candor doctor",
  View: Settings,
};

/** @param {import("../router.js").Place} place */
function Settings({ params, query }) {
  const part = params[0] in PARTS ? params[0] : "server";
  const status = useLoad((signal) => get("/api/auth/status", {}, signal), []);
  const scopes = status.data?.user?.scopes ?? [];
  const restricted = part === "keys" || part === "users";
  const offset = Number(query.offset) || 0;
  return html`<div class="page"><h1>Settings</h1>
    <nav class="row wrap" aria-label="Parts of the settings">${Object.entries(PARTS).map(([name, label]) => html`<a class="button" href=${href("settings", [name])} aria-current=${name === part ? "page" : undefined}>${label}</a>`)}</nav>
    <${Trouble} problem=${status.problem} again=${status.reload} />
    ${part === "server" && status.data && html`<${Server} status=${status.data} />`}
    ${part === "work" && html`<${Work} />`}
    ${part === "privacy" && html`<${Privacy} />`}
    ${restricted && status.data && !scopes.includes("admin") && html`<${Notice}>Only administrators see this. Ask one, or use a key with the scope <code>admin</code>.<//>`}
    ${restricted && scopes.includes("admin") && (part === "keys" ? html`<${Keys} scopes=${scopes} user=${status.data?.user.id} offset=${offset} />` : html`<${Users} offset=${offset} />`)}
  </div>`;
}

/** @param {{status: any}} props */
function Server({ status }) {
  const health = useLoad((signal) => get("/health", {}, signal), []);
  const may = status.user.scopes.includes("conversations"); // whose key may not is shown no error, but less
  const models = useLoad(async (signal) => (may ? get("/api/llm-defaults/providers", {}, signal) : null), [may]);
  const found = health.data;
  const sound = found?.status === "healthy";
  const providers = models.data?.providers.filter((/** @type {any} */ each) => each.provider !== "offline");
  const leave = useAction(
    (/** @type {boolean} */ everywhere) => call("POST", "/api/auth/logout", { query: { everywhere } }),
    () => location.assign(`${ROOT}/console`),
  );
  return html`<${Trouble} problem=${health.problem ?? models.problem} again=${health.problem ? health.reload : models.reload} />
    ${
      found &&
      html`<section aria-label="Health"><h2>Health</h2>
      <${Notice} kind=${sound ? "good" : "warning"}>${sound ? "The server is well." : `The server is ${found.status}:`}<//>
      ${found.reasons.map((/** @type {string} */ reason) => html`<${Notice} kind="warning">${plain(reason)}<//>`)}
      <dl class="facts">
        <div><dt>Version</dt><dd>${found.version}</dd></div>
        <div><dt>Stored</dt><dd>${counted(found.documents, "document")}, ${counted(found.passages, "passage")}, ${counted(found.tables, "table")}</dd></div>
        <div><dt>Vectors</dt><dd>${found.vectors ?? "not known"}, by ${plain(found.embedder)}</dd></div>
      </dl></section>`
    }
    <section aria-label="Models"><h2>Models</h2>
      ${found && html`<p>Questions go to <code>${plain(found.model)}</code>.</p>`}
      ${
        providers?.length === 0 &&
        html`<p class="soft">No provider has a key. Put one into <code>.env</code>, such as <code>OPENAI_API_KEY</code>, and start the server again. Until then the offline model quotes your documents.</p>`
      }
      <ul class="plain">${providers?.map((/** @type {any} */ each) => html`<li><strong>${plain(each.provider)}</strong>: set. <span class="soft">${each.models.map(plain).join(", ")}</span></li>`)}</ul>
      <p class="soft">Keys of providers stay on the server; no page shows them.</p></section>
    <section aria-label="Sign-in"><h2>Sign-in</h2>
      ${
        status.auth_mode === "local"
          ? html`<p>Local mode: this machine alone is served, and nobody signs in. With <code>AUTH_MODE=required</code> every request needs a key or a session.</p>`
          : html`<p>You are ${plain(status.user.name ?? status.user.email ?? status.user.id)}. You may: ${status.user.scopes.join(", ")}.</p>
        <div class="row wrap"><button type="button" disabled=${leave.busy} onClick=${() => leave.start(false)}>Sign out here</button>
        <button type="button" disabled=${leave.busy} onClick=${() => leave.start(true)}>Sign out everywhere</button></div><${Trouble} problem=${leave.problem} />`
      }</section>`;
}

/** @type {import("../parts.js").Column<any>[]} */
const JOBS = [
  { label: "Work", cell: (job) => html`${plain(job.name)}<br /><small>${job.kind} <code>${job.id}</code></small>` },
  { label: "State", cell: (job) => STATES[job.status] },
  {
    label: "Done",
    cell: ({ progress }) =>
      html`<${Progress} label="${progress.completed + progress.failed} of ${progress.total}" value=${progress.percent} max=${100} />`,
  },
  {
    label: "Who works on it",
    cell: (job) =>
      job.workers.map(
        (/** @type {any} */ each) =>
          html`<div><code>${plain(each.worker)}</code> has ${counted(each.items, "item")}</div>`,
      ),
  },
];

/** What is worked on, by whom: looked at again while something is. */
function Work() {
  const list = useLoad((signal) => get("/api/v1/jobs", {}, signal), []);
  const jobs = list.data?.jobs ?? [];
  const goesOn = jobs.some((/** @type {any} */ job) => job.status === "running" || job.status === "queued");
  useEffect(() => {
    const timer = goesOn ? setTimeout(list.reload, 2000) : 0;
    return () => clearTimeout(timer);
  }, [list.data]);
  return html`<section aria-label="Work"><h2>Work</h2>
    <${Trouble} problem=${list.problem} again=${list.reload} />
    ${list.data && (jobs.length ? html`<${Table} caption="Work" columns=${JOBS} rows=${jobs} keyOf=${(/** @type {any} */ job) => job.id} />` : html`<p class="soft">None yet: evaluations, benchmark runs and summaries stand here, with the processes that work on them.</p>`)}
  </section>`;
}

/** @param {{part: string, offset: number, next: number | null | undefined}} props */
const Paging = ({ part, offset, next }) => html`<div class="row">
  ${offset > 0 && html`<a class="button" href=${href("settings", [part], { offset: String(Math.max(0, offset - PAGE)) })}>Newer</a>`}
  ${next && html`<a class="button" href=${href("settings", [part], { offset: String(next) })}>Older</a>`}</div>`;

/** @param {any} key */
const standing = (key) =>
  key.revoked_at ? "revoked" : key.expires_at && Date.parse(key.expires_at) < Date.now() ? "expired" : "in force";

/** @param {{scopes: string[], user: string, offset: number}} props */
function Keys({ scopes, user, offset }) {
  const list = useLoad((signal) => get("/api/keys", { limit: PAGE, offset }, signal), [offset]);
  const [creating, setCreating] = useState(false);
  const [revoked, setRevoked] = useState(/** @type {any} */ (null));
  const done = () => {
    setRevoked(null);
    list.reload();
  };
  const columns = [
    {
      label: "Key",
      cell: (/** @type {any} */ key) => html`${plain(key.label)}<br /><small><code>${key.prefix}…</code></small>`,
    },
    { label: "User", cell: (/** @type {any} */ key) => plain(key.user_id) },
    { label: "May", cell: (/** @type {any} */ key) => key.scopes.join(", ") },
    {
      label: "Limits of a day",
      cell: (
        /** @type {any} */ key,
      ) => html`${key.tokens_per_day === null ? "the server's" : key.tokens_per_day ? counted(key.tokens_per_day, "token") : "no limit of tokens"}
        ${key.cost_per_day > 0 && html`, <${Money} cost=${key.cost_per_day} />`}`,
    },
    { label: "Last used", cell: (/** @type {any} */ key) => html`<${Moment} at=${key.last_used_at} />` },
    {
      label: "State",
      cell: (
        /** @type {any} */ key,
      ) => html`${standing(key)}${key.expires_at && !key.revoked_at && html`<br /><small>until <${Moment} at=${key.expires_at} /></small>`}
        ${standing(key) === "in force" && html`<br /><button type="button" class="quiet" aria-label="Revoke ${plain(key.label)}" onClick=${() => setRevoked(key)}>Revoke</button>`}`,
    },
  ];
  return html`<div class="row"><h2>API keys</h2><button type="button" data-new onClick=${() => setCreating(true)}>Create a key</button></div>
    <${Trouble} problem=${list.problem} again=${list.reload} />
    ${
      list.data && !list.data.keys.length
        ? html`<p class="soft">There are no API keys. A program needs one where <code>AUTH_MODE=required</code>: create it here.</p>`
        : list.data &&
          html`<${Table} caption="API keys" columns=${columns} rows=${list.data.keys} keyOf=${(/** @type {any} */ key) => key.id} />`
    }
    <${Paging} part="keys" offset=${offset} next=${list.data?.next_offset} />
    ${creating && html`<${Creating} scopes=${scopes} user=${user} onMade=${list.reload} onClose=${() => setCreating(false)} />`}
    ${
      revoked &&
      html`<${Confirm} title="Revoke this key?" action="Revoke" run=${() => call("DELETE", `/api/keys/${encodeURIComponent(revoked.id)}`)} onClose=${done}>
      <p>Programs that use “${plain(revoked.label)}” are refused from now on. This cannot be undone.</p><//>`
    }`;
}

/** @param {{scopes: string[], user: string, onMade: () => void, onClose: () => void}} props */
function Creating({ scopes, user, onMade, onClose }) {
  const [said, setSaid] = useState({ user_id: user, label: "", expires_days: "", tokens_per_day: "" });
  const [may, setMay] = useState(USUAL.filter((scope) => scopes.includes(scope)));
  const [made, setMade] = useState("");
  const create = useAction(async () => {
    const number = (/** @type {string} */ text) => (text === "" ? null : Number(text));
    const limits = { expires_days: number(said.expires_days), tokens_per_day: number(said.tokens_per_day) };
    const found = await call("POST", "/api/keys", { body: { ...said, ...limits, scopes: may } });
    setMade(found.key);
    onMade();
  });
  /** @param {keyof typeof said} name @param {string} label @param {object} [more] */
  const input = (name, label, more) => html`<label>${label} <input value=${said[name]} ...${more}
    onInput=${(/** @type {any} */ event) => setSaid({ ...said, [name]: event.target.value })} /></label>`;
  if (made)
    return html`<${Dialog} title="The new key" onClose=${onClose}><div role="status"><${Notice} kind="warning">Copy it now: it is not shown again.<//><p><${Copy} text=${made} label="Copy the key" /></p></div><//>`;
  return html`<${Dialog} title="Create an API key" onClose=${onClose}><form onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    create.start();
  }}>
    ${input("label", "What it is for", { required: true, maxlength: 100 })}
    ${input("user_id", "User", { required: true })}
    <fieldset><legend>What it may do</legend><div class="options">${scopes.map(
      (scope) => html`<label><input type="checkbox" checked=${may.includes(scope)}
      onChange=${() => setMay(may.includes(scope) ? may.filter((each) => each !== scope) : [...may, scope])} /> ${scope}</label>`,
    )}</div></fieldset>
    ${input("expires_days", "Days until it ends (empty: none)", { type: "number", min: 1, max: 3660 })}
    ${input("tokens_per_day", "Tokens a day (empty: the server's limit; 0: none)", { type: "number", min: 0 })}
    <${Trouble} problem=${create.problem} />
    <div class="row end"><button type="submit" class="strong" disabled=${create.busy || !may.length}>Create</button></div></form><//>`;
}

/** @param {{offset: number}} props */
function Users({ offset }) {
  const list = useLoad((signal) => get("/api/users", { limit: PAGE, offset }, signal), [offset]);
  const [blocked, setBlocked] = useState(/** @type {any} */ (null));
  const write = (/** @type {any} */ user, /** @type {object} */ body) =>
    call("PATCH", `/api/users/${encodeURIComponent(user.id)}`, { body });
  const change = useAction(write, list.reload);
  const done = () => {
    setBlocked(null);
    list.reload();
  };
  const columns = [
    {
      label: "User",
      cell: (/** @type {any} */ user) =>
        html`${plain(user.name ?? user.email ?? user.id)}<br /><small>${plain(user.email)} ${plain(user.id)}</small>`,
    },
    {
      label: "Role",
      cell: (/** @type {any} */ user) => html`${user.is_admin ? "administrator" : "user"}<br />
        <button type="button" class="quiet" disabled=${change.busy} onClick=${() => change.start(user, { is_admin: !user.is_admin })}>${user.is_admin ? "Make a user" : "Make an administrator"}</button>`,
    },
    {
      label: "State",
      cell: (/** @type {any} */ user) => html`${user.is_active ? "active" : "blocked"}<br />
        <button type="button" class="quiet" disabled=${change.busy} onClick=${() => (user.is_active ? setBlocked(user) : change.start(user, { is_active: true }))}>${user.is_active ? "Block" : "Allow again"}</button>`,
    },
    { label: "Since", cell: (/** @type {any} */ user) => html`<${Moment} at=${user.created_at} />` },
  ];
  return html`<h2>Users</h2><${Trouble} problem=${list.problem ?? change.problem} again=${list.problem ? list.reload : undefined} />
    ${
      list.data && !list.data.users.length
        ? html`<p class="soft">There are no users. A first sign-in makes one, or the first API key: <a href=${href("settings", ["keys"])}>create a key</a>.</p>`
        : list.data &&
          html`<${Table} caption="Users" columns=${columns} rows=${list.data.users} keyOf=${(/** @type {any} */ user) => user.id} />`
    }
    <${Paging} part="users" offset=${offset} next=${list.data?.next_offset} />
    ${
      blocked &&
      html`<${Confirm} title="Block this user?" action="Block" run=${() => write(blocked, { is_active: false })} onClose=${done}>
      <p>${plain(blocked.name ?? blocked.id)} cannot sign in any more, and the user's API keys are revoked.</p><//>`
    }`;
}

const SENT = [
  ["a chat model with a key", "the conversation, the instructions and the passages found, to that provider"],
  ["EMBEDDING_MODEL of a provider", "the text of every passage and every question, to that provider"],
  ["RERANKER_ENABLED", "each question and its best passages, to Cohere"],
  [
    "web search in advice",
    "the query, to WEB_SEARCH_URL or to the chat model's provider; private data are kept back (search discipline)",
  ],
  [
    "an assistant that uses candor mcp or /mcp",
    "what its tools return (passages, answers, rows, what you said), to the assistant, and so to its model's provider",
  ],
  ["OTEL_ENABLED", "traces without content, to your collector"],
  ["candor models install", "a download from your package index, by pip or uv"],
];

const Privacy = () => html`<section aria-label="What leaves this machine"><h2>What leaves this machine</h2>
  <p><strong>Without a provider: nothing.</strong> No telemetry, no check for updates, no model hub. The pages of the server load no scripts, fonts or pictures from elsewhere.</p>
  <${Table} caption="What is sent, and to whom" rows=${SENT} columns=${[
    { label: "What you set", cell: (/** @type {any} */ row) => row[0] },
    { label: "What is sent, and to whom", cell: (/** @type {any} */ row) => row[1] },
  ]} />
  <p><code>--offline</code> uses this machine alone, whatever the settings say.</p></section>`;
