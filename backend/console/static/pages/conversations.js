/** Conversations: import exports, search them, read one with its branches, and go on with it. */
import { address, call, get, Problem, problemOf, request, useLoad } from "../api.js";
import { plain } from "../citations.js";
import { Draft } from "../draft.js";
import { markdown } from "../markdown.js";
import { Confirm, counted, Empty, Moment, Notice, Progress, Table, Trouble, useAction } from "../parts.js";
import { href, navigate } from "../router.js";
import { html, useEffect, useState } from "../vendor/preact.js";

const SHOWN = 50;
/** @type {Record<string, string>} */
const ROLES = { user: "Person", assistant: "Assistant", system: "Instructions", tool: "Tool" };

export default {
  title: "Conversations",
  command: (/** @type {readonly string[]} */ [id], /** @type {Record<string, string>} */ { q }) => {
    if (id) return `candor conversations show ${id} --all`;
    return q ? `candor search ${JSON.stringify(plain(q))} --in conversations` : "candor import export.zip";
  },
  View: (/** @type {import("../router.js").Place} */ place) =>
    place.params[0] ? html`<${One} ...${place} />` : html`<${All} ...${place} />`,
};

/** @param {import("../router.js").Place} place */
function All({ query, go }) {
  const { q = "", before = "" } = query;
  const found = useLoad(
    (signal) =>
      q ? get("/api/search", { q, limit: SHOWN }, signal) : get("/api/conversations", { limit: SHOWN, before }, signal),
    [q, before],
  );
  const [typed, setTyped] = useState(q);
  useEffect(() => setTyped(q), [q]);
  const search = (/** @type {Event} */ event) => {
    event.preventDefault();
    go([], typed ? { q: typed } : {});
  };
  const { data } = found;
  return html`<div class="page">
    <h1>Conversations</h1>
    <${Import} onDone=${found.reload} />
    <form class="row" role="search" onSubmit=${search}>
      <input type="search" data-search aria-label="Search all conversations" placeholder="Search all conversations ( / )" value=${typed}
        onInput=${(/** @type {any} */ event) => setTyped(event.target.value)} />
      <button type="submit">Search</button>
    </form>
    <${Trouble} problem=${found.problem} again=${found.reload} />
    ${q && data?.results && html`<${Found} found=${data} />`}
    ${!q && data?.conversations && html`<${List} page=${data} first=${!before} go=${go} />`}
  </div>`;
}

/** @param {{page: any, first: boolean, go: import("../router.js").Go}} props */
function List({ page, first, go }) {
  if (!page.conversations.length && first)
    return html`<${Empty} title="No conversations yet">
      <p>Drop the export of another assistant above (ChatGPT, Claude, Gemini, Grok and others: the ZIP or the JSON, as you got it), or <a href=${href("ask")}>ask a question</a>, which begins a chat here.</p><//>`;
  /** @type {import("../parts.js").Column<any>[]} */
  const columns = [
    {
      label: "Title",
      cell: (row) => html`<a href=${href("conversations", [row.id])}>${plain(row.title) || "Without a title"}</a>`,
    },
    { label: "From", cell: (row) => plain(row.source) || "begun here" },
    { label: "Changed", cell: (row) => html`<${Moment} at=${row.updated_at} />` },
  ];
  return html`<${Table} caption="Conversations" columns=${columns} rows=${page.conversations} keyOf=${(/** @type {any} */ row) => row.id} />
    <div class="row">
      ${!first && html`<button type="button" onClick=${() => go([])}>Newest</button>`}
      ${page.next_before && html`<button type="button" onClick=${() => go([], { before: page.next_before })}>Older</button>`}
    </div>`;
}

/** @param {{found: any}} props */
const Found = ({ found }) =>
  html`<p role="status">${counted(found.total_count, "place")} found${found.has_more ? `, the best ${SHOWN} shown` : ""}.</p>
  ${found.notices.map((/** @type {string} */ said) => html`<${Notice}>${plain(said)}<//>`)}
  ${!found.results.length && html`<${Empty} title="Nothing found"><p>Search for another word, or import the chat that you look for.</p><//>`}
  <ul class="found">${found.results.map(
    (/** @type {any} */ each) => html`<li>
      <a href=${href("conversations", [each.conversation_id], each.message_id ? { at: each.message_id } : {})}>${plain(each.conversation_title) || "Without a title"}</a>
      <small>${[each.role, plain(each.source), each.branch === "other" ? "another branch" : ""].filter(Boolean).join(" · ")} · <${Moment} at=${each.created_at} /></small>
      <p class="text">${plain(each.content_snippet)}</p></li>`,
  )}</ul>`;

/** @param {{onDone: () => void}} props */
function Import({ onDone }) {
  const [over, setOver] = useState(false);
  const [state, setState] = useState(/** @type {any} */ (null));
  const [duplicates, setDuplicates] = useState("update_existing");
  const { busy, start } = useAction(async (/** @type {Iterable<File>} */ files) => {
    /** @type {any[]} */
    const reports = [];
    for (const file of files) {
      setState({ now: `Reading ${plain(file.name)}`, reports: [...reports] });
      const report = sent(file, duplicates, (now) => setState({ now, reports: [...reports] }));
      reports.push({ file: file.name, ...(await report.catch((error) => ({ problem: problemOf(error) }))) });
      setState({ now: "", reports: [...reports] });
    }
    onDone();
  });
  const dropped = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    setOver(false);
    if (!busy) start([...(event.dataTransfer?.files ?? [])]);
  };
  return html`<section class="drop ${over ? "over" : ""}" aria-label="Import" onDrop=${dropped} onDragLeave=${() => setOver(false)}
      onDragOver=${(/** @type {DragEvent} */ event) => {
        event.preventDefault();
        setOver(true);
      }}>
      <label><span>Drop exports here, or choose them (ZIP or JSON; nothing leaves this server)</span>
        <input type="file" multiple data-new disabled=${busy} onChange=${(/** @type {any} */ event) => {
          start([...event.target.files]);
          event.target.value = "";
        }} /></label>
      <label><span>What is here already</span> <select value=${duplicates} onChange=${(/** @type {any} */ event) => setDuplicates(event.target.value)}>
        ${DUPLICATES.map(([value, label]) => html`<option value=${value}>${label}</option>`)}
      </select></label>
    ${busy && html`<${Progress} label=${state?.now || "Sending"} />`}
    <div role="status">${state?.reports.map((/** @type {any} */ each) => (each.problem ? html`<div class="report"><h2>${plain(each.file)}</h2><${Trouble} problem=${each.problem} /></div>` : html`<${Report} report=${each} />`))}</div>
  </section>`;
}

const DUPLICATES = [
  ["update_existing", "gets its new messages"],
  ["create_new", "is stored a second time"],
  ["prompt", "stays as it is, and is counted"],
];

/**
 * Sends a file and returns the report; throws what the server says against it.
 * @param {File} file
 * @param {string} duplicates
 * @param {(now: string) => void} onProgress
 */
async function sent(file, duplicates, onProgress) {
  const form = new FormData();
  form.append("file", file);
  form.append("duplicate_resolution", duplicates);
  const headers = { accept: "application/x-ndjson" };
  const response = await request("POST", "/api/conversations/import", { body: form, headers });
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.filter(Boolean)) {
      const { type, data } = JSON.parse(line);
      if (type === "done") return data;
      if (type === "error")
        throw new Problem({ ...data, status: 1, detail: data.message, code: data.code.toLowerCase() });
      if (type === "progress" && data.conversation)
        onProgress(`${data.current}${data.total ? ` of ${data.total}` : ""}: ${plain(data.conversation.title)}`);
    }
    if (done) throw problemOf(new TypeError());
  }
}

/** @param {Record<string, number>} counts */
const list = (counts) =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${plain(name).replaceAll("_", " ")}`)
    .join(", ");

/** @param {{report: any}} props */
function Report({ report: { file, report, outcomes, conflicts, too_long, added, changed } }) {
  const lost = [...report.not_read, ...report.faults];
  return html`<div class="report">
    <h2>${plain(file)}</h2>
    <p>${counted(report.conversations.length, "conversation")}: ${list(outcomes) || "none stored"}. ${counted(added, "message")} added, ${changed} changed. Kept: ${list(report.kept) || "nothing"}.</p>
    ${Object.keys(report.hidden).length > 0 && html`<p>Stored but hidden, as in the export: ${list(report.hidden)}.</p>`}
    ${Object.keys(report.not_understood).length > 0 && html`<${Notice} kind="warning">Kept as it came, for its form is not known: ${list(report.not_understood)}.<//>`}
    ${conflicts > 0 && html`<${Notice} kind="warning">${counted(conflicts, "conversation")} left as before: choose above what happens to what is here already.<//>`}
    ${too_long > 0 && html`<${Notice} kind="warning">${counted(too_long, "conversation")} too long for the model.<//>`}
    ${lost.length > 0 && html`<details><summary>${counted(lost.length, "thing")} not read</summary><pre>${plain(lost.map((each) => `${each.place}: ${each.reason ?? each.detail}`).join("\n"))}</pre></details>`}
    <ul>${report.conversations.slice(0, 20).map((/** @type {any} */ each) => html`<li>${plain(each.title) || "Without a title"} <small>${counted(each.messages, "message")}, ${each.branches} branch${each.branches === 1 ? "" : "es"}</small></li>`)}</ul>
  </div>`;
}

/** @param {import("../router.js").Place} place */
function One({ params: [id], query, go }) {
  const tree = useLoad((signal) => get(`/api/conversations/${id}`, {}, signal), [id]);
  const files = useLoad((signal) => get(`/api/conversations/${id}/files`, {}, signal), [id]);
  const [removing, setRemoving] = useState(false);
  const found = tree.data?.id === id ? tree.data : null;
  /** @type {any[]} */
  const messages = found?.messages ?? [];
  /** @type {Map<string | null, any[]>} */
  const children = new Map();
  for (const each of messages) children.set(each.parent_id, [...(children.get(each.parent_id) ?? []), each]);
  const named = new Map(messages.map((each) => [each.id, each]));
  /** @param {string} from the newest end of what goes on from a message */
  const end = (from) => {
    let at = from;
    for (let next = children.get(at); next; next = children.get(at)) at = next[next.length - 1].id;
    return at;
  };
  const leaf = named.has(query.at) ? end(query.at) : (found?.leaf_id ?? "");
  const branch = [];
  for (let at = named.get(leaf); at; at = named.get(at.parent_id)) branch.unshift(at);
  useEffect(() => {
    if (found && query.at) document.getElementById(query.at)?.scrollIntoView({ block: "center" });
  }, [found, query.at]);
  const { problem, start } = useAction(async () => {
    if (leaf !== found.leaf_id) await call("PATCH", `/api/conversations/${id}`, { body: { leaf_id: leaf } });
    navigate(href("ask", [id]));
  });
  if (!found)
    return html`<div class="page"><h1>Conversation</h1><${Trouble} problem=${tree.problem} again=${tree.reload} /></div>`;
  /** @param {any} message @param {number} by */
  const beside = (message, by) => {
    const all = children.get(message.parent_id) ?? [];
    const other = all[all.indexOf(message) + by];
    return other && go([id], { ...query, at: other.id }, { replace: true });
  };
  const draft = query.draft === "1";
  const toggle = () => go([id], draft ? { at: query.at ?? "" } : { ...query, draft: "1" }, { replace: true });
  return html`<div class="page ${draft ? "reading with-source" : "read"}"><section>
    <a href=${href("conversations")}>All conversations</a>
    <div class="row"><h1>${plain(found.title) || "Without a title"}</h1></div>
    <dl class="facts"><div><dt>From</dt><dd>${plain(found.source) || "begun here"}</dd></div>
      ${found.model && html`<div><dt>Model</dt><dd>${plain(found.model)}</dd></div>`}
      ${found.project && html`<div><dt>Project</dt><dd>${plain(found.project)}</dd></div>`}
      <div><dt>Changed</dt><dd><${Moment} at=${found.updated_at} /></dd></div>
      <div><dt>Messages</dt><dd>${branch.length} of ${messages.length}</dd></div></dl>
    <div class="actions">
      <button type="button" class="strong" disabled=${!messages.length} onClick=${() => start()}>Continue in Ask</button>
      <button type="button" aria-pressed=${draft} onClick=${toggle}>Project draft</button>
      <a class="button" download href=${address(`/api/conversations/${id}/export`, { format: "markdown" })}>Download as Markdown</a>
      <button type="button" class="danger" onClick=${() => setRemoving(true)}>Remove</button>
    </div>
    <${Trouble} problem=${problem && problemOf(problem)} />
    ${!messages.length && html`<${Empty} title="This conversation has no messages"><p><a href=${href("ask", [id])}>Ask the first question</a>.</p><//>`}
    ${branch.map((message) => html`<${Message} key=${message.id} message=${message} places=${children.get(message.parent_id) ?? []} onStep=${(/** @type {number} */ by) => beside(message, by)} />`)}
    ${files.data?.length > 0 && html`<section><h2>Files</h2><ul>${files.data.map((/** @type {any} */ file) => html`<li><a download href=${address(`/api/conversations/files/${file.id}/download`)}>${plain(file.filename)}</a></li>`)}</ul></section>`}
    ${
      removing &&
      html`<${Confirm} title="Remove this conversation?" action="Remove" onClose=${() => setRemoving(false)}
      run=${() => call("DELETE", `/api/conversations/${id}`).then(() => navigate(href("conversations")))}>
      <p>All its messages, branches and files are removed. Your export still has them.</p><//>`
    }
  </section>${draft && html`<${Draft} key=${id} id=${id} onClose=${toggle} />`}</div>`;
}

/** @param {{message: any, places: any[], onStep: (by: number) => void}} props */
function Message({ message, places, onStep }) {
  const at = places.indexOf(message);
  const parts = message.parts.length ? message.parts : [{ kind: "text", text: message.content }];
  const body = parts.map(
    (/** @type {any} */ part) => html`<${Part} part=${part} said=${message.role === "assistant"} />`,
  );
  return html`<article id=${message.id} class="said">
    <header class="actions"><strong>${plain(message.author) || ROLES[message.role] || message.role}</strong> <small>${message.created_at && html`<${Moment} at=${message.created_at} />`} ${plain(message.model)}</small>
      ${
        places.length > 1 &&
        html`<span class="branches"><button type="button" class="quiet" aria-label="Earlier branch" disabled=${at === 0} onClick=${() => onStep(-1)}>‹</button>
        ${at + 1} of ${places.length}
        <button type="button" class="quiet" aria-label="Later branch" disabled=${at === places.length - 1} onClick=${() => onStep(1)}>›</button></span>`
      }</header>
    ${message.hidden ? html`<details><summary>Hidden in the export: ${plain(message.hidden).replaceAll("_", " ")}</summary>${body}</details>` : body}
    ${!message.is_complete && html`<${Notice} kind="warning">This message was not complete.<//>`}
  </article>`;
}

/** @param {{part: any, said: boolean}} props */
function Part({ part, said }) {
  const shown = plain(part.text);
  /** @param {string} label @param {string} text */
  const folded = (label, text) => html`<details><summary>${plain(label)}</summary><pre>${plain(text)}</pre></details>`;
  switch (part.kind) {
    case "text":
      return said
        ? html`<div class="prose" dir="auto">${markdown(part.text)}</div>`
        : html`<div class="text" dir="auto">${shown}</div>`;
    case "code":
      return html`<pre aria-label=${`Code ${plain(part.language)}`}>${shown}</pre>`;
    case "reasoning":
      return folded("Reasoning", part.text);
    case "tool_call":
      return folded(`Tool ${part.name}`, part.input);
    case "tool_result":
      return folded(`${part.is_error ? "Error" : "Result"} of ${part.name}`, part.text);
    case "file":
      return part.text
        ? folded(`File ${part.name}`, part.text)
        : html`<p class="soft">File: ${plain(part.name || part.reference)} ${plain(part.media_type)}</p>`;
    case "citation":
      return html`<p class="soft">Source: ${/^https?:/i.test(part.url) ? html`<a href=${part.url} rel="noreferrer" target="_blank">${plain(part.title || part.url)}</a>` : plain(`${part.title} ${part.url}`)}</p>`;
    case "document":
      return folded(
        `Document ${part.name || part.document_id}${part.version ? `, version ${part.version}` : ""}`,
        part.text || JSON.stringify(part.changes, null, 1),
      );
    case "note":
      return html`<${Notice}>${plain(part.name)}: ${shown}<//>`;
    default:
      return folded(`In a form that is not known: ${part.type}`, part.json);
  }
}
