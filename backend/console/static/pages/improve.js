/** Improve: the prompts, the datasets and the evaluations; one of them is shown by `prompt.js` and `evaluation.js`. */
import { call, get, useLoad } from "../api.js";
import { plain } from "../citations.js";
import { Empty, later, Moment, Money, STATES, Table, Trouble, useAction } from "../parts.js";
import { href } from "../router.js";
import { html, useState } from "../vendor/preact.js";

/** @typedef {import("../router.js").Place} Place */

const PURPOSES = /** @type {Record<string, string>} */ ({
  chat: "what the model is told when it answers in chat",
  advice: "what the model is told when it advises",
  benchmark: "what the model is told when it cleans a table",
  conversation_summary: "what the model is told when it sums up a conversation",
  project_draft_generation: "what the model is told when it drafts a project",
  project_draft_chat: "what the model is told when it talks about a draft",
});
const NO_PROMPT = "-"; // of a run whose variants name no stored prompt
const Editor = later(() => import("../prompt.js"), "Editor");
const Evaluation = later(() => import("../evaluation.js"), "Evaluation");

export default {
  title: "Improve",
  command: (/** @type {readonly string[]} */ [prompt, run]) =>
    run ? `candor eval show ${run}` : prompt ? `candor prompts show ${prompt}` : "candor prompts",
  View: (/** @type {Place} */ place) => {
    const [prompt, run] = place.params;
    if (run)
      return html`<${Evaluation} key=${run} prompt=${prompt === NO_PROMPT ? "" : prompt} id=${run} ...${place} />`;
    return prompt ? html`<${Editor} key=${prompt} id=${prompt} ...${place} />` : html`<${All} go=${place.go} />`;
  },
};

/** @param {any} run */
export const promptOf = (run) =>
  run.variants.map((/** @type {any} */ each) => /^(.+)@\d+$/.exec(each.prompt_version)?.[1]).find(Boolean) ?? NO_PROMPT;

/** @param {number | null | undefined} number */
export const named = (number) =>
  number === null || number === undefined ? "none" : number === 0 ? "the built-in text" : `version ${number}`;

/** @param {{runs: readonly any[]}} props */
export const Runs = ({ runs }) =>
  html`<${Table} caption="Evaluations" rows=${runs} keyOf=${(/** @type {any} */ run) => run.id} columns=${[
    {
      label: "Evaluation",
      cell: (/** @type {any} */ run) =>
        html`<a href=${href("improve", [promptOf(run), run.id])}>${plain(run.name)}</a>`,
    },
    { label: "State", cell: (/** @type {any} */ run) => STATES[run.status] ?? run.status },
    { label: "Cost", number: true, cell: (/** @type {any} */ run) => html`<${Money} cost=${run.cost_usd} />` },
    { label: "Made", cell: (/** @type {any} */ run) => html`<${Moment} at=${run.created_at} />` },
  ]} />`;

/** @param {{go: import("../router.js").Go}} props */
function All({ go }) {
  const [name, setName] = useState("");
  const create = useAction(async () => go([(await call("POST", "/api/v1/prompts", { body: { name } })).id]));
  const found = useLoad(async (signal) => {
    const [types, own, datasets, runs] = await Promise.all([
      get("/api/v1/prompt-types", {}, signal),
      get("/api/v1/prompts", {}, signal),
      get("/api/v1/datasets", { limit: 100 }, signal),
      get("/api/v1/eval-runs", { limit: 20 }, signal),
    ]);
    const mine = own.filter((/** @type {any} */ each) => !each.purpose);
    return { prompts: [...types.sort(chatFirst), ...mine], datasets: datasets.datasets, runs: runs.runs };
  }, []);
  const { data } = found;
  /** @type {import("../parts.js").Column<any>[]} */
  const columns = [
    {
      label: "Prompt",
      cell: (row) =>
        html`<a href=${href("improve", [row.purpose ?? row.id])}>${plain(row.purpose ?? row.name)}</a>
        <br /><small>${row.purpose ? PURPOSES[row.purpose.split(".")[0]] : "a prompt of your own"}</small>`,
    },
    { label: "In use", cell: (row) => (row.purpose ? named(row.in_use) : "") },
    { label: "Versions", number: true, cell: (row) => row.version_count },
  ];
  /** @type {import("../parts.js").Column<any>[]} */
  const sets = [
    {
      label: "Dataset",
      cell: (row) => html`<a href=${href("improve", ["chat.answer"], { dataset: row.id })}>${plain(row.name)}</a>`,
    },
    { label: "Cases", number: true, cell: (row) => row.item_count },
    { label: "Changed", cell: (row) => html`<${Moment} at=${row.updated_at} />` },
  ];
  return html`<div class="page"><h1>Improve</h1>
    <p>Change what the model is told, compare it with what is in use on questions that people asked, and put it in use when it is shown to be no worse.</p>
    <div class="row"><a class="button strong" href=${href("improve", ["chat.answer"])}>Change the prompt of chat</a></div>
    <${Trouble} problem=${found.problem} again=${found.reload} />
    ${
      data &&
      html`<h2>Datasets</h2>${
        data.datasets.length
          ? html`<${Table} caption="Datasets" columns=${sets} rows=${data.datasets} />`
          : html`<${Empty} title="No dataset yet" command="candor datasets from-answers"><p>Mark answers on <a href=${href("answers")}>Answers</a>, best with what would have been right, and choose “Make a dataset” there.</p><//>`
      }
      <h2>Evaluations</h2>${data.runs.length ? html`<${Runs} runs=${data.runs} />` : html`<p class="soft">None yet. Choose a prompt, change it, and compare it on a dataset.</p>`}
      <h2>Prompts</h2><${Table} caption="Prompts" columns=${columns} rows=${data.prompts} />
      <form class="options" onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        create.start();
      }}><label><span>A prompt of your own</span> <input required maxlength="255" value=${name} placeholder="its name" onInput=${(/** @type {any} */ event) => setName(event.target.value)} /></label>
      <button type="submit" data-new disabled=${create.busy}>Create it</button></form><${Trouble} problem=${create.problem} />`
    }</div>`;
}

/** @param {any} a @param {any} b */
const chatFirst = (a, b) => Number(b.purpose.startsWith("chat.")) - Number(a.purpose.startsWith("chat."));
