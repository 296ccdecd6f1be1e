/** One prompt, edited beside the version in use: tried on a question, compared on a dataset, rolled back. */
import { OUTCOMES } from "./answer.js";
import { call, get, request, useLoad } from "./api.js";
import { plain } from "./citations.js";
import { Differences } from "./differences.js";
import { markdown } from "./markdown.js";
import { named, promptOf, Runs } from "./pages/improve.js";
import { Confirm, counted, Duration, later, Moment, Money, Notice, Table, Trouble, useAction } from "./parts.js";
import { href } from "./router.js";
import { after, eventsOf, nothingYet, textOf } from "./stream.js";
import { html, useState } from "./vendor/preact.js";

const Evidence = later(() => import("./evaluation.js"), "Evidence");

const FIRST = { version_number: 0, messages: [{ role: "user", content: "" }] }; // of a prompt without versions

/** @param {any} version the content of a version, as it is saved again */
const content = ({ messages, variables, settings, syntax }) => ({ messages, variables, settings, syntax });

/** @param {import("./router.js").Place & {id: string}} props */
export function Editor({ id, query, go }) {
  const path = `/api/v1/prompts/${encodeURIComponent(id)}`;
  const found = useLoad(
    async (signal) => {
      const [prompt, labels, versions, moves] = await Promise.all([
        get(path, {}, signal),
        get(`${path}/labels`, {}, signal),
        get(`${path}/versions`, { limit: 200 }, signal),
        get(`${path}/history`, { label: "production" }, signal),
      ]);
      const labelled = labels.find((/** @type {any} */ each) => each.label === "production")?.version;
      const inUse = labelled ?? (prompt.purpose ? 0 : null);
      const number = Number(query.version || (prompt.latest_version ?? 0));
      const shown = number || prompt.purpose ? await get(`${path}/versions/${number}`, {}, signal) : null;
      const used = inUse === null ? null : await get(`${path}/versions/${inUse}`, {}, signal);
      return { prompt, inUse, versions, moves, shown, used };
    },
    [id, query.version],
  );
  const [edited, setEdited] = useState(/** @type {{number: number, texts: string[]} | null} */ (null));
  const [message, setMessage] = useState("");
  const { data } = found;
  const shown = data && (data.shown ?? FIRST);
  const saved = shown?.messages.map((/** @type {any} */ each) => each.content) ?? [];
  const texts = edited && edited.number === shown?.version_number ? edited.texts : saved;
  const changed = texts.some((/** @type {string} */ text, /** @type {number} */ at) => text !== saved[at]);
  const messages = shown?.messages.map((/** @type {any} */ each, /** @type {number} */ at) => ({
    ...each,
    content: texts[at],
  }));
  const save = useAction(async () => {
    const body = { ...content(shown), messages, message };
    const made = await call("POST", `${path}/versions`, { body });
    setMessage("");
    go([id], { ...query, version: String(made.version_number) });
  });
  const back = html`<a href=${href("improve")}>All prompts</a>`;
  if (!data)
    return html`<div class="page">${back}${found.loading && html`<p class="soft">Loading …</p>`}<${Trouble} problem=${found.problem} again=${found.reload} /></div>`;
  const { prompt, inUse, versions, moves, used } = data;
  const title = plain(prompt.purpose ?? prompt.name);
  const choose = (/** @type {any} */ event) => {
    setEdited(null);
    go([id], { ...query, version: event.target.value });
  };
  /** @param {number} at */
  const typed = (at) => (/** @type {any} */ event) =>
    setEdited({
      number: shown.version_number,
      texts: texts.map((/** @type {string} */ text, /** @type {number} */ each) =>
        each === at ? event.target.value : text,
      ),
    });
  const whole = (/** @type {readonly any[] | undefined} */ list) =>
    (list ?? []).map((each) => each.content).join("\n\n");
  const lines = Math.min(26, Math.max(6, Math.round(whole(messages).length / 70)));
  return html`<div class="page wide">${back}
    <div class="row wrap"><h1>${title}</h1><span class="soft">In use: ${named(inUse)}</span></div>
    ${!data.shown && html`<${Notice}>It has no text yet. Write its first version, as it is sent to a model; <code>{{question}}</code> in it becomes the question of a case.<//>`}
    ${
      data.shown &&
      html`<div class="options"><label><span>Version</span> <select value=${String(shown.version_number)} onChange=${choose}>
      ${versions.map((/** @type {any} */ each) => html`<option value=${each.version_number}>${each.version_number}${each.version_number === inUse && ", in use"}${each.message && `: ${plain(each.message).slice(0, 60)}`}</option>`)}
      ${prompt.purpose && html`<option value="0">built in${inUse === 0 && ", in use"}</option>`}</select></label></div>`
    }
    <div class="beside">
      <form onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        save.start();
      }}>
        ${texts.map(
          (/** @type {string} */ text, /** @type {number} */ at) =>
            html`<label><span>${texts.length > 1 ? `Message ${at + 1} (${shown.messages[at].role})` : "The prompt"}</span>
          <textarea required dir="auto" rows=${lines} value=${text} onInput=${typed(at)}></textarea></label>`,
        )}
        <label><span>Why it is changed</span> <input maxlength="10000" value=${message} onInput=${(/** @type {any} */ event) => setMessage(event.target.value)} /></label>
        <${Trouble} problem=${save.problem} />
        <div class="row end">${changed && html`<button type="button" class="quiet" onClick=${() => setEdited(null)}>Undo all</button>`}
        <button type="submit" class="strong" disabled=${!changed || save.busy}>Save as a new version</button></div>
      </form>
      <section aria-label="What changes"><h2>${used ? `Beside ${named(inUse)}, which is in use` : "Nothing is in use yet"}</h2>
        ${used && (whole(used.messages) === whole(messages) ? html`<p class="soft">The same text. Change it at the left: what differs is marked here.</p>` : html`<${Differences} before=${whole(used.messages)} after=${whole(messages)} />`)}
      </section>
    </div>
    ${prompt.purpose === "chat.answer" && html`<${Trying} tried=${whole(messages)} used=${changed || shown.version_number !== inUse ? whole(used.messages) : ""} name=${named(inUse)} />`}
    ${data.shown && html`<${Comparing} prompt=${prompt} inUse=${inUse} version=${shown.version_number} changed=${changed} dataset=${query.dataset ?? ""} go=${go} />`}
    <${OfPrompt} id=${prompt.purpose ?? prompt.id} />
    <${History} id=${id} path=${path} moves=${moves} none=${prompt.purpose ? 0 : null} onDone=${found.reload} />
  </div>`;
}

/**
 * A question answered with the text as it stands, saved or not, and with the one in use; nothing is recorded.
 * @param {{tried: string, used: string, name: string}} props
 */
function Trying({ tried, used, name }) {
  const [asked, setAsked] = useState({ question: "", model: "" });
  const [answers, setAnswers] = useState(/** @type {import("./stream.js").Live[]} */ ([]));
  const { busy, problem, start } = useAction(async () => {
    const texts = used && used !== tried ? [tried, used] : [tried];
    setAnswers(texts.map(nothingYet));
    await Promise.all(
      texts.map(async (content, at) => {
        const body = {
          messages: [{ role: "system", content }],
          question: asked.question,
          model: asked.model.trim() || null,
        };
        const headers = { accept: "text/event-stream" };
        const response = await request("POST", "/api/v1/playground/ask", { body, headers });
        for await (const events of eventsOf(response))
          setAnswers((before) => before.map((live, each) => (each === at ? events.reduce(after, live) : live)));
      }),
    );
  });
  /** @param {string} field */
  const input = (field) => (/** @type {any} */ event) => setAsked({ ...asked, [field]: event.target.value });
  return html`<section class="report" aria-label="Try on a question"><h2>Try on a question</h2>
    <form onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      start();
    }}><label><span>A question, answered with the text above and with what is in use. Nothing is recorded.</span>
      <input required value=${asked.question} onInput=${input("question")} /></label>
      <div class="options"><label><span>Model</span> <input value=${asked.model} placeholder="the usual one" onInput=${input("model")} /></label>
      <button type="submit" disabled=${busy}>${busy ? "Answering …" : "Try"}</button></div></form>
    <${Trouble} problem=${problem} />
    <p class="unseen" role="status">${!busy && answers.length > 0 && "Answered."}</p><div class="cells" aria-busy=${busy}>${answers.map(
      (
        live,
        at,
      ) => html`<div class="cell"><h3>${at ? `In use: ${name}` : "The text above"}</h3><${Trouble} problem=${live.problem} />
      <div class="prose" dir="auto">${markdown(textOf(live))}</div>
      ${live.sources.length > 0 && html`<p class="soft">${live.sources.map((source) => `[${source.number}] ${plain(source.title || source.document)}`).join(", ")}</p>`}
      ${live.facts.outcome && html`<p class="soft">${OUTCOMES[live.facts.outcome] ?? live.facts.outcome}, ${plain(live.facts.model)}, <${Money} cost=${live.facts.cost} />, <${Duration} ms=${live.facts.latency_ms} /></p>`}</div>`,
    )}</div></section>`;
}

/**
 * The evaluation of a version beside the one in use: made here, begun where its cost is shown.
 * @param {{prompt: any, inUse: number | null, version: number, changed: boolean, dataset: string, go: import("./router.js").Go}} props
 */
function Comparing({ prompt, inUse, version, changed, dataset, go }) {
  const id = prompt.purpose ?? prompt.id;
  const target = prompt.purpose ? prompt.purpose.split(".")[0] : "prompt";
  const datasets = useLoad((signal) => get("/api/v1/datasets", { limit: 100 }, signal), []);
  const [wanted, setWanted] = useState({ dataset, model: "", repeats: "1" });
  /** @type {any[]} */
  const sets = (datasets.data?.datasets ?? []).filter((/** @type {any} */ each) => each.item_count > 0);
  const chosen = sets.find((each) => each.id === wanted.dataset) ?? sets[0];
  const others = inUse === null || inUse === version ? [] : [inUse];
  const make = useAction(async () => {
    const variants = [...others, version].map((number) => ({
      name: `version ${number}`,
      target,
      prompt_version: `${id}@${number}`,
      model: wanted.model.trim() || null,
    }));
    const body = {
      name: `${prompt.purpose ?? prompt.name}: ${variants.map((each) => each.name).join(" and ")}`.slice(0, 200),
      dataset_id: chosen?.id,
      start: false,
      repeats: Number(wanted.repeats) || 1,
      baseline: variants[0].name,
      variants,
    };
    go([id, (await call("POST", "/api/v1/eval-runs", { body })).id]);
  });
  /** @param {string} name */
  const input = (name) => (/** @type {any} */ event) => setWanted({ ...wanted, [name]: event.target.value });
  if (!["chat", "advice", "prompt"].includes(target))
    return html`<${Notice}>${target === "benchmark" ? html`<code>candor benchmark run</code> compares this prompt.` : "No evaluation runs this prompt: what it changes is seen where it is used."}<//>`;
  return html`<section class="report" aria-label="Compare on a dataset"><h2>Compare on a dataset</h2>
    <${Trouble} problem=${datasets.problem} again=${datasets.reload} />
    ${
      datasets.data &&
      (sets.length
        ? html`<form onSubmit=${(/** @type {Event} */ event) => {
            event.preventDefault();
            make.start();
          }}><p>${changed ? "What you have changed is not saved yet: save it as a version first." : others.length ? `Each case is answered with ${named(version)}, and with ${named(inUse)}, which is in use.` : `Each case is answered with ${named(version)} alone, since there is no other to compare with it.`}</p>
      <div class="options">
        <label><span>Dataset</span> <select value=${chosen?.id} onChange=${input("dataset")}>${sets.map((each) => html`<option value=${each.id}>${plain(each.name)} (${counted(each.item_count, "case")})</option>`)}</select></label>
        <label><span>Model</span> <input value=${wanted.model} placeholder="the usual one" onInput=${input("model")} /></label>
        <label><span>Answers per case</span> <input type="number" min="1" max="100" value=${wanted.repeats} onInput=${input("repeats")} /></label>
        <button type="submit" class="strong" disabled=${changed || make.busy}>Show the cost</button>
      </div><${Trouble} problem=${make.problem} /></form>`
        : html`<p>There is no dataset with cases. Mark answers on <a href=${href("answers")}>Answers</a>, and choose “Make a dataset” there.</p>`)
    }</section>`;
}

/** @param {{id: string}} props */
function OfPrompt({ id }) {
  const runs = useLoad((signal) => get("/api/v1/eval-runs", { limit: 100 }, signal), []);
  const own = runs.data?.runs.filter((/** @type {any} */ run) => promptOf(run) === id);
  return own?.length > 0 && html`<h2>Evaluations of it</h2><${Runs} runs=${own} />`;
}

/** @param {{id: string, path: string, moves: readonly any[], none: number | null, onDone: () => void}} props */
function History({ id, path, moves, none, onDone }) {
  const [asking, setAsking] = useState(false);
  // A version that was put in use twice moved nothing the second time.
  const last = moves.find((move) => move.from_version !== move.to_version);
  if (!last) return null;
  /** @type {import("./parts.js").Column<any>[]} */
  const columns = [
    { label: "Put in use", cell: (move) => named(move.to_version ?? none) },
    { label: "Instead of", cell: (move) => named(move.from_version ?? none) },
    {
      label: "On the evidence of",
      cell: (move) =>
        html`${move.evidence ? html`<a href=${href("improve", [id, move.evidence])}>an evaluation</a>` : "none"} ${plain(move.reason)}`,
    },
    { label: "By", cell: (move) => html`${plain(move.author)} <${Moment} at=${move.moved_at} />` },
  ];
  return html`<div class="row"><h2>What was in use</h2><button type="button" class="danger" onClick=${() => setAsking(true)}>Roll back</button></div>
    <${Table} caption="What was in use" columns=${columns} rows=${moves} />
    ${
      asking &&
      html`<${Confirm} title="Go back to the version before?" action="Roll back" onClose=${() => setAsking(false)}
        run=${() => call("POST", `${path}/rollback`, { body: {} })} onDone=${() => {
          setAsking(false);
          onDone();
        }}>
      <p>From the next question on, ${named(last.from_version ?? none)} is used again instead of ${named(last.to_version ?? none)}, which was put in use <${Moment} at=${last.moved_at} />.</p>
      ${last.evidence ? html`<p>It was put in use on this evidence:</p><${Evidence} id=${last.evidence} />` : html`<p>It was put in use without an evaluation${last.reason && `: ${plain(last.reason)}`}.</p>`}<//>`
    }`;
}
