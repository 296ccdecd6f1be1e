/**
 * The project draft beside its conversation: its versions and what changed between them, the chat that changes
 * it, and the proposal, which is created here and nowhere else.
 */
import { call, get, Problem, request, useLoad } from "./api.js";
import { plain } from "./citations.js";
import { Differences } from "./differences.js";
import { markdown } from "./markdown.js";
import { Confirm, Dialog, Moment, Notice, Trouble, useAction } from "./parts.js";
import { eventsOf } from "./stream.js";
import { html, useState } from "./vendor/preact.js";

/** @typedef {{version_id: string, version_number: number, title: string, description: string, is_manual_edit: boolean, created_at: string}} Version */

/**
 * Returns what is there, or null where the server has none of it.
 * @param {string} path
 * @param {AbortSignal} signal
 */
const found = (path, signal) =>
  get(path, {}, signal).catch((/** @type {Problem} */ problem) =>
    problem.status === 404 ? null : Promise.reject(problem),
  );

/** @param {{id: string, onClose: () => void}} props */
export function Draft({ id, onClose }) {
  const path = `/api/conversations/${id}/project-draft`;
  const all = useLoad(
    async (signal) => {
      const draft = await found(path, signal);
      const [versions, chat, project] = await Promise.all([
        get(`${path}/versions`, {}, signal),
        get(`${path}/chat`, {}, signal),
        found(`/api/conversations/${id}/project`, signal),
      ]);
      return { draft, versions: versions.versions, messages: chat.chat_messages, project };
    },
    [id],
  );
  const [model, setModel] = useState("");
  const [editing, setEditing] = useState(false);
  const write = useAction(() => call("POST", path, { body: named(model) }), all.reload);
  const { data } = all;
  /** @type {Version | undefined} */
  const version = data?.draft?.active_version;
  return html`<aside class="source" aria-label="Project draft">
    <header><div class="row"><h2>${version ? plain(version.title) : "Project draft"}</h2>
      <button type="button" class="quiet" onClick=${onClose}>Close</button></div>
      ${version && html`<p class="soft">Version ${version.version_number}, ${version.is_manual_edit ? "written by hand" : "written by the agent"}, <${Moment} at=${version.created_at} /></p>`}
    </header>
    <div class="paper" tabindex="0" role="group" aria-label="The draft">
      <${Trouble} problem=${all.problem ?? write.problem} again=${all.reload} />
      ${data?.project && html`<${Project} project=${data.project} />`}
      ${
        data &&
        !version &&
        html`<p>A draft turns this conversation into a project: a title and a description, in versions. A model writes the first one, or you do.</p>
        <${Model} value=${model} onInput=${setModel} />
        <div class="row"><button type="button" class="strong" disabled=${write.busy} onClick=${() => write.start()}>Write a draft</button>
        <button type="button" onClick=${() => setEditing(true)}>Write it by hand</button></div>
        ${write.busy && html`<p role="status">Writing the draft …</p>`}`
      }
      ${
        version &&
        html`<div class="prose" dir="auto">${markdown(version.description)}</div>
        ${
          !data?.project &&
          html`<div class="row wrap"><button type="button" onClick=${() => setEditing(true)}>Edit</button>
          <button type="button" disabled=${write.busy} onClick=${() => write.start()}>Write it anew</button></div>`
        }
        <${Versions} path=${path} versions=${data?.versions} active=${version} fixed=${Boolean(data?.project)} onDone=${all.reload} />
        <${Chat} id=${id} path=${path} data=${data} model=${model} setModel=${setModel} onDone=${all.reload} />`
      }
    </div>
    ${editing && html`<${Editing} path=${path} version=${version} onClose=${() => setEditing(false)} onDone=${all.reload} />`}
  </aside>`;
}

/** @param {string} model */
const named = (model) => (model.trim() ? { llm_model: model.trim() } : {});

/** @param {{value: string, onInput: (value: string) => void}} props */
const Model = ({ value, onInput }) =>
  html`<label><span>Model</span> <input value=${value} placeholder="the usual one" onInput=${(/** @type {any} */ event) => onInput(event.target.value)} /></label>`;

/** @param {{project: any}} props */
const Project = ({ project }) =>
  html`<${Notice} kind="good">The project is ${plain(project.state)}${project.tracker === "local" ? " and recorded on this server" : ""}. ${/^https:/.test(project.linear_url ?? "") && html`<a href=${project.linear_url} rel="noreferrer" target="_blank">Open it in Linear</a>. `}The conversation and its draft stay as they are.<//>`;

/** @param {{path: string, version?: Version, onClose: () => void, onDone: () => void}} props */
function Editing({ path, version, onClose, onDone }) {
  const [title, setTitle] = useState(version?.title ?? "");
  const [description, setDescription] = useState(version?.description ?? "");
  const save = useAction(
    () => call("PATCH", path, { body: { title, description } }),
    () => {
      onClose();
      onDone();
    },
  );
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    save.start();
  };
  return html`<${Dialog} title="Edit the draft" onClose=${onClose}><form onSubmit=${submit}>
    <label>Title <input required maxlength="80" value=${title} onInput=${(/** @type {any} */ event) => setTitle(event.target.value)} /></label>
    <label>Description (Markdown) <textarea required rows="12" value=${description} onInput=${(/** @type {any} */ event) => setDescription(event.target.value)}></textarea></label>
    <${Trouble} problem=${save.problem} />
    <div class="row end"><button class="strong" type="submit" disabled=${save.busy}>Save as a new version</button></div></form><//>`;
}

/** @param {{path: string, versions: Version[], active: Version, fixed: boolean, onDone: () => void}} props */
function Versions({ path, versions, active, fixed, onDone }) {
  const [chosen, setChosen] = useState("");
  const other = versions.find((each) => each.version_id === chosen && chosen !== active.version_id);
  const activate = useAction(() => call("POST", `${path}/versions/${other?.version_id}/activate`), onDone);
  if (versions.length < 2) return null;
  return html`<section class="report" aria-label="Versions"><h3>Versions</h3>
    <label><span>Compare with the one in force</span> <select value=${other ? chosen : ""} onChange=${(/** @type {any} */ event) => setChosen(event.target.value)}>
      <option value="">choose a version</option>
      ${versions.filter((each) => each.version_id !== active.version_id).map((each) => html`<option value=${each.version_id}>${each.version_number}: ${plain(each.title)}</option>`)}
    </select></label>
    ${
      other &&
      html`<p class="soft">From version ${other.version_number} to version ${active.version_number}, which is in force:</p>
      <${Differences} before=${`${other.title}\n\n${other.description}`} after=${`${active.title}\n\n${active.description}`} />
      ${!fixed && html`<div class="row"><button type="button" disabled=${activate.busy} onClick=${() => activate.start()}>Put version ${other.version_number} in force</button></div>`}
      <${Trouble} problem=${activate.problem} />`
    }
  </section>`;
}

/**
 * The chat about the draft. What it proposes is created by a person, with the text of the proposal before them.
 * @param {{id: string, path: string, data: any, model: string, setModel: (value: string) => void, onDone: () => void}} props
 */
function Chat({ id, path, data, model, setModel, onDone }) {
  const [text, setText] = useState("");
  const [live, setLive] = useState("");
  const [creating, setCreating] = useState(false);
  const send = useAction(async () => {
    setLive("…");
    try {
      await said(path, { ...named(model), message: text }, setLive);
      setText("");
    } finally {
      setLive("");
    }
  }, onDone);
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    if (text.trim()) send.start();
  };
  const proposal = data.messages.at(-1)?.proposal_id;
  /** @type {Version | undefined} */
  const proposed = data.versions.find((/** @type {Version} */ each) => each.version_id === proposal);
  return html`<section class="report" aria-label="Chat about the draft"><h3>Talk about the draft</h3>
    ${data.messages.map(
      (
        /** @type {any} */ message,
      ) => html`<article class="said"><strong>${message.role === "user" ? "You" : "Model"}</strong>
        <div class="prose" dir="auto">${message.role === "user" ? html`<p class="text">${plain(message.content)}</p>` : markdown(message.content)}</div></article>`,
    )}
    <div role="status">${live && html`<article class="said"><strong>Model</strong><p class="text" dir="auto">${plain(live)}</p></article>`}</div>
    ${
      proposed &&
      !data.project &&
      html`<${Notice}>Version ${proposed.version_number} is proposed as a project. Nothing is created yet.<//>
      <div class="row"><button type="button" class="strong" onClick=${() => setCreating(true)}>Create the project</button></div>`
    }
    ${
      !data.project &&
      html`<form onSubmit=${submit}><label><span>What should change? (or: propose it as a project)</span>
        <textarea rows="2" value=${text} dir="auto" onInput=${(/** @type {any} */ event) => setText(event.target.value)}></textarea></label>
        <${Model} value=${model} onInput=${setModel} /><${Trouble} problem=${send.problem} />
        <div class="row end"><button type="submit" disabled=${send.busy || !text.trim()}>Send</button></div></form>`
    }
    ${
      creating &&
      html`<${Confirm} title="Create this project?" action="Create" onClose=${() => setCreating(false)} onDone=${() => {
        setCreating(false);
        onDone();
      }} run=${() => call("POST", `/api/conversations/${id}/project`, { body: { proposal_id: proposal } })}>
      <p><strong>${plain(proposed?.title)}</strong></p><p>It is created once, in the tracker of this server; the conversation is locked then.</p><//>`
    }
  </section>`;
}

/**
 * Sends a message, and says the reply as far as it has come. Throws what the server says against it.
 * @param {string} path
 * @param {object} body
 * @param {(text: string) => void} onText
 */
async function said(path, body, onText) {
  const headers = { accept: "text/event-stream" };
  let text = "";
  for await (const events of eventsOf(await request("POST", `${path}/chat/stream`, { body, headers })))
    for (const event of events) {
      if (event.type === "content") text += event.content;
      onText(text || "…");
      if (event.type === "error") throw new Problem({ ...event, status: 1, detail: event.message });
      if (event.type === "done") return;
    }
  throw new Problem();
}
