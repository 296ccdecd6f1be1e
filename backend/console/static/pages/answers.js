/** Answers: every recorded answer by filters, their totals, and one as it was given, to judge or to collect. */
import { AnswerText, OUTCOMES } from "../answer.js";
import { call, get, useLoad } from "../api.js";
import { plain } from "../citations.js";
import {
  Correction,
  counted,
  Dialog,
  Duration,
  Empty,
  Moment,
  Money,
  Notice,
  Table,
  Trouble,
  useAction,
} from "../parts.js";
import { href } from "../router.js";
import { SourcePane } from "../source.js";
import { html, useState } from "../vendor/preact.js";

/** @typedef {import("../router.js").Query} Query */

const JUDGED = /** @type {Record<string, string>} */ ({ right: "Right", wrong: "Wrong", none: "Not judged" });
const MOST = 10_000; // cases that are made at once
const FILTERS = ["outcome", "feedback", "model", "prompt_version", "document", "text", "since", "until"];

export default { title: "Answers", command, View: Answers };

/** @param {readonly string[]} params @param {Query} query */
function command([id], query) {
  if (id) return `candor answers show ${id}`;
  const given = FILTERS.filter((name) => query[name]);
  const options = given.map((name) => ` --${name.replace("_", "-")} '${plain(query[name]).replaceAll("'", "'\\''")}'`);
  return `candor answers${options.join("")}`;
}

/** @param {import("../router.js").Place} place */
function Answers({ params, query, go }) {
  if (params[0]) return html`<${One} key=${params[0]} id=${params[0]} query=${query} go=${go} />`;
  return html`<${List} query=${query} go=${go} />`;
}

/** The start of a day of this place, as the server takes it. @param {string | undefined} day */
const moment = (day) => (day && !Number.isNaN(Date.parse(day)) ? new Date(`${day}T00:00`).toISOString() : day);

/** @param {{query: Query, go: import("../router.js").Go}} props */
function List({ query, go }) {
  const [collecting, setCollecting] = useState(false);
  const [ticked, setTicked] = useState(/** @type {readonly string[]} */ ([]));
  const filters = Object.fromEntries(FILTERS.map((name) => [name, query[name]]));
  const wanted = { ...filters, since: moment(query.since), until: moment(query.until) };
  const keys = FILTERS.map((name) => query[name]);
  const list = useLoad(
    (signal) => get("/answers", { ...wanted, before: query.before, limit: 50 }, signal),
    [...keys, query.before],
  );
  const totals = useLoad((signal) => get("/answers/summary", wanted, signal), keys);
  const filtered = keys.some(Boolean);
  /** @param {string} name */
  const change = (name) => (/** @type {any} */ event) =>
    go([], { ...query, before: "", [name]: event.target.value }, { replace: true });
  /** @param {string} name @param {string} label @param {Record<string, string>} choices */
  const choice = (
    name,
    label,
    choices,
  ) => html`<label><span>${label}</span> <select value=${query[name] ?? ""} onChange=${change(name)}>
    <option value="">any</option>${Object.entries(choices).map(([value, shown]) => html`<option value=${value}>${shown}</option>`)}</select></label>`;
  /** @param {string} name @param {string} label @param {Record<string, unknown>} [more] */
  const input = (name, label, more) => html`<label><span>${label}</span>
    <input value=${query[name] ?? ""} onChange=${change(name)} ...${more} /></label>`;
  /** @param {string} id */
  const tick = (id) => setTicked(ticked.includes(id) ? ticked.filter((each) => each !== id) : [...ticked, id]);
  const columns = [
    {
      label: "Question",
      cell: (/** @type {any} */ row) =>
        html`<input type="checkbox" aria-label="Choose: ${plain(row.question)}" checked=${ticked.includes(row.answer_id)} onChange=${() => tick(row.answer_id)} /> <a dir="auto" href=${href("answers", [row.answer_id])}>${plain(row.question) || "No text"}</a>`,
    },
    {
      label: "Outcome",
      cell: (/** @type {any} */ row) =>
        html`<span class="outcome ${row.outcome}">${OUTCOMES[row.outcome] ?? row.outcome}${row.interrupted && ", stopped"}</span>`,
    },
    { label: "Sources", number: true, cell: (/** @type {any} */ row) => row.sources },
    {
      label: "Model and prompt",
      cell: (/** @type {any} */ row) => html`${plain(row.model)}<br /><small>${plain(row.prompt_version)}</small>`,
    },
    { label: "Given", cell: (/** @type {any} */ row) => html`<${Moment} at=${row.created_at} />` },
  ];
  const rows = list.data?.answers ?? [];
  return html`<div class="page">
    <div class="row"><h1>Answers</h1>${rows.length > 0 && html`<button type="button" onClick=${() => setCollecting(true)}>Make a dataset${ticked.length > 0 && ` of ${ticked.length}`}</button>`}</div>
    <form class="options" aria-label="Filters" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${input("text", "Text", { type: "search", "data-search": true, placeholder: "a word of it" })}
      ${choice("outcome", "Outcome", OUTCOMES)}
      ${choice("feedback", "Judged", JUDGED)}
      ${input("model", "Model")}
      ${input("prompt_version", "Prompt", { placeholder: "chat-1-3249ce9c" })}
      ${input("document", "Document cited", { placeholder: "its name" })}
      ${input("since", "From", { type: "date" })}
      ${input("until", "Before", { type: "date" })}
      ${filtered && html`<a href=${href("answers")}>Clear all filters</a>`}
    </form>
    <${Trouble} problem=${list.problem ?? totals.problem} again=${list.reload} />
    ${list.loading && !list.data && html`<p class="soft">Loading …</p>`}
    ${totals.data?.answers > 0 && html`<${Totals} totals=${totals.data} />`}
    ${
      list.data && !rows.length
        ? filtered
          ? html`<${Empty} title="No answer fits"><p>Take a filter away, or <a href=${href("answers")}>clear all filters</a>.</p><//>`
          : html`<${Empty} title="No answers yet" command=${'candor ask "…"'}><p>Every answer is kept here with its sources and versions. <a href=${href("ask")}>Ask a question</a> first.</p><//>`
        : list.data &&
          html`<${Table} caption="Recorded answers" columns=${columns} rows=${rows} keyOf=${(/** @type {any} */ row) => row.answer_id} />`
    }
    <div class="row">
      ${query.before && html`<a class="button" href=${href("answers", [], { ...query, before: "" })}>Newest answers</a>`}
      ${list.data?.next_before && html`<a class="button" href=${href("answers", [], { ...query, before: list.data.next_before })}>Earlier answers</a>`}
    </div>
    ${collecting && html`<${Collect} wanted=${wanted} ids=${ticked} count=${ticked.length || totals.data?.answers} onClose=${() => setCollecting(false)} />`}
  </div>`;
}

/** @param {Record<string, number>} counts @param {Record<string, string>} words */
const inWords = (counts, words) =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => html`<div><dt>${words[name] ?? name}</dt><dd class="figure">${count}</dd></div>`);

/** @param {{totals: any}} props */
function Totals({ totals }) {
  const columns = [
    { label: "Model", cell: (/** @type {any} */ row) => plain(row.model) },
    { label: "Prompt", cell: (/** @type {any} */ row) => plain(row.prompt_version) },
    { label: "Answers", number: true, cell: (/** @type {any} */ row) => row.answers },
    { label: "Right", number: true, cell: (/** @type {any} */ row) => row.feedback.right ?? 0 },
    { label: "Wrong", number: true, cell: (/** @type {any} */ row) => row.feedback.wrong ?? 0 },
    { label: "Cost", number: true, cell: (/** @type {any} */ row) => html`<${Money} cost=${row.cost} />` },
    {
      label: "Half within",
      number: true,
      cell: (/** @type {any} */ row) => html`<${Duration} ms=${row.latency_ms?.p50} />`,
    },
  ];
  return html`<section aria-label="Totals" class="notice">
    <dl class="facts">
      <div><dt>Answers</dt><dd class="figure">${totals.answers}</dd></div>
      ${inWords(totals.outcomes, OUTCOMES)} ${inWords(totals.feedback, JUDGED)}
      <div><dt>Cost</dt><dd><${Money} cost=${totals.cost} />${totals.unpriced > 0 && ` and ${counted(totals.unpriced, "answer")} without a price`}</dd></div>
      <div><dt>Tokens</dt><dd class="figure">${totals.input_tokens} in, ${totals.output_tokens} out</dd></div>
      ${totals.latency_ms && html`<div><dt>Half within</dt><dd><${Duration} ms=${totals.latency_ms.p50} /></dd></div><div><dt>9 of 10 within</dt><dd><${Duration} ms=${totals.latency_ms.p90} /></dd></div>`}
    </dl>
    <details><summary>By model and prompt version</summary><${Table} caption="Totals by version" columns=${columns} rows=${totals.by_version} /></details>
    <details><summary>${counted(totals.documents_cited, "document")} cited, ${totals.documents_never_cited} never</summary>
      <ul>${totals.cited.map((/** @type {any} */ each) => html`<li><a href=${href("answers", [], { document: each.document_id })}>${plain(each.name)}</a> <span class="soft">${counted(each.answers, "answer")}</span></li>`)}
      ${totals.never_cited.map((/** @type {any} */ each) => html`<li>${plain(each.name)} <span class="soft">never</span></li>`)}</ul></details>
  </section>`;
}

/** @param {{wanted: Record<string, unknown>, ids: readonly string[], count: number, onClose: () => void}} props */
function Collect({ wanted, ids, count, onClose }) {
  const [name, setName] = useState("");
  const [made, setMade] = useState(/** @type {any} */ (null));
  const save = useAction(async () => {
    const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value));
    const selected = ids.length ? { ids } : given;
    const body = { name, target: "chat", limit: MOST, ...selected };
    setMade(await call("POST", "/api/v1/datasets-from-answers", { body }));
  });
  return html`<${Dialog} title="Make a dataset" onClose=${onClose}>${
    made
      ? html`<p role="status">The dataset <strong>${plain(made.name)}</strong> has ${counted(made.item_count, "case")}: <code>candor datasets show ${made.id}</code></p>
        <p><a class="button strong" href=${href("improve", ["chat.answer"], { dataset: made.id })}>Improve the prompt with it</a></p>`
      : html`<form onSubmit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          save.start();
        }}>
      <p>The questions of ${ids.length ? `the ${counted(count, "answer")} that you chose` : `the ${counted(count, "answer")} that the filters select`} become cases, with the right answer where one was given. Under a name that exists, what is new is added.</p>
      ${count > MOST && html`<${Notice} kind="warning">At most ${MOST.toLocaleString("en")}: the newest.<//>`}
      <label>Name <input required maxlength="255" value=${name} onInput=${(/** @type {any} */ event) => setName(event.target.value)} /></label>
      <${Trouble} problem=${save.problem} />
      <div class="row end"><button type="submit" class="strong" disabled=${save.busy}>Make it</button></div></form>`
  }<//>`;
}

/** @param {{id: string, query: Query, go: import("../router.js").Go}} props */
function One({ id, query, go }) {
  const answer = useLoad((signal) => get(`/answers/${encodeURIComponent(id)}`, {}, signal), [id]);
  const [correcting, setCorrecting] = useState(false);
  const said = answer.data;
  const judge = async (/** @type {object} */ body) => {
    await call("POST", `/answers/${encodeURIComponent(id)}/feedback`, { body });
    answer.reload();
  };
  const mark = useAction(async (/** @type {"right" | "wrong"} */ feedback) => {
    const again = said.feedback === feedback;
    await judge({ feedback: again ? null : feedback });
    setCorrecting(feedback === "wrong" && !again);
  });
  const back = html`<a href=${href("answers")}>All answers</a>`;
  if (!said)
    return html`<div class="page">${back}<${Trouble} problem=${answer.problem} again=${answer.reload} /></div>`;
  const [number, quote] = (query.at ?? "").split(".").map(Number);
  const source = said.sources.find((/** @type {any} */ each) => each.number === number);
  const cite = (/** @type {import("../answer.js").Cited} */ cited) =>
    go([id], { at: `${cited.number}.${cited.quote}` }, { replace: true });
  const judged = JUDGED[said.feedback] && said.feedback !== "none";
  return html`<div class="page reading ${source ? "with-source" : ""}"><article class="answered" aria-label="Answer">
    ${back}<h1 dir="auto">${plain(said.question)}</h1>
    <p class="outcome ${said.outcome}">${OUTCOMES[said.outcome] ?? said.outcome}${said.interrupted && ". Stopped before its end"}</p>
    <${AnswerText} text=${said.answer} sources=${said.sources} active=${source ? { number, quote: quote || 0 } : null} onCite=${cite} />
    ${said.notices.map((/** @type {string} */ notice) => html`<${Notice}>${plain(notice)}<//>`)}
    <div class="actions">
      ${["right", "wrong"].map((each) => html`<button type="button" class="quiet" disabled=${mark.busy} aria-pressed=${said.feedback === each} onClick=${() => mark.start(/** @type {any} */ (each))}>${JUDGED[each]}</button>`)}
      ${said.chat_id && html`<a href=${href("ask", [said.chat_id])}>Open the chat</a>`}
    </div>
    <${Trouble} problem=${mark.problem} />
    ${correcting && html`<${Correction} judge=${judge} before=${said} onDone=${() => setCorrecting(false)} />`}
    ${judged && html`<${Said} said=${said} onCorrect=${said.feedback === "wrong" && !correcting && (() => setCorrecting(true))} />`}
    ${
      said.sources.length > 0 &&
      html`<h2>Sources</h2><ul class="plain">${said.sources.map(
        (
          /** @type {any} */ each,
        ) => html`<li><button type="button" class="quiet" onClick=${() => cite({ number: each.number, quote: 0 })}>${each.number}. ${plain(each.title || each.document)}</button>
      <span class="soft">${[plain(each.document), each.date, each.kind === "passage" && `version ${each.version_id}`].filter(Boolean).join(", ")}</span></li>`,
      )}</ul>`
    }
    <h2>How it came about</h2><dl class="facts">
      <div><dt>Model</dt><dd>${plain(said.model)}</dd></div>
      <div><dt>Prompt</dt><dd>${plain(said.prompt_version)}</dd></div>
      <div><dt>Mode</dt><dd>${said.mode}</dd></div>
      ${said.category && html`<div><dt>Category</dt><dd>${plain(said.category)}</dd></div>`}
      <div><dt>Cost</dt><dd><${Money} cost=${said.cost} /></dd></div>
      <div><dt>Time</dt><dd><${Duration} ms=${said.latency_ms} /></dd></div>
      <div><dt>Tokens</dt><dd class="figure">${said.input_tokens === null ? "not known" : `${said.input_tokens} in, ${said.output_tokens} out`}</dd></div>
      <div><dt>Given</dt><dd><${Moment} at=${said.created_at} /></dd></div>
      ${said.tool_calls.length > 0 && html`<div><dt>Looked up</dt><dd>${said.tool_calls.map((/** @type {any} */ tool) => html`<code>${plain(typeof tool.args === "string" ? tool.args : JSON.stringify(tool.args))}</code> `)}</dd></div>`}
    </dl></article>
    ${source && html`<${SourcePane} key=${number} source=${source} quote=${quote || 0} onClose=${() => go([id], {}, { replace: true })} />`}
  </div>`;
}

/** @param {{said: any, onCorrect: (() => void) | false}} props */
const Said = ({
  said,
  onCorrect,
}) => html`<section class="notice" aria-label="What a person said"><p>Marked as ${said.feedback}.</p>
  <dl class="facts">${[
    ["The right answer", said.expected],
    ["The document that has it", said.expected_document],
    ["What went wrong", said.feedback_notes],
  ].map(([label, text]) => text && html`<div><dt>${label}</dt><dd dir="auto">${plain(text)}</dd></div>`)}</dl>
  ${onCorrect && html`<button type="button" class="quiet" onClick=${onCorrect}>Say what is right</button>`}</section>`;
