/** Cleaning: a table's proposed edits, each to be kept or left out, and the leaderboard of what cleans tables. */
import { call, get, request, useLoad } from "../api.js";
import { plain } from "../citations.js";
import { counted, Empty, Moment, Notice, Progress, Table, Trouble, useAction } from "../parts.js";
import { href } from "../router.js";
import { html, useState } from "../vendor/preact.js";

const MOST = 100;

export default {
  title: "Cleaning",
  command: (/** @type {readonly string[]} */ [part]) =>
    part === "leaderboard" ? "candor benchmark run" : "candor clean table.csv --edits edits.csv",
  View: (/** @type {import("../router.js").Place} */ { params, go }) => {
    const board = params[0] === "leaderboard";
    const link = (/** @type {boolean} */ here, /** @type {string[]} */ to, /** @type {string} */ label) =>
      html`<a class="button" href=${href("cleaning", to)} aria-current=${here ? "page" : undefined}>${label}</a>`;
    return html`<div class="page"><h1>Cleaning</h1>
      <nav class="row" aria-label="Parts of cleaning">${link(!board, [], "A table")}${link(board, ["leaderboard"], "Leaderboard")}</nav>
      ${board ? html`<${Leaderboard} run=${params[1] ?? ""} go=${go} />` : html`<${Review} />`}</div>`;
  },
};

/**
 * @param {File} file
 * @param {string} name
 * @param {Blob} more
 */
function form(file, name, more) {
  const made = new FormData();
  made.append("file", file);
  if (more.size) made.append(name, more, name);
  return made;
}

function Review() {
  const [file, setFile] = useState(/** @type {File | null} */ (null));
  const [known, setKnown] = useState("");
  const [found, setFound] = useState(/** @type {any} */ (null));
  const [left, setLeft] = useState(/** @type {ReadonlySet<number>} */ (new Set()));
  const [accepted, setAccepted] = useState(/** @type {readonly string[]} */ ([]));
  const propose = useAction(async (/** @type {File} */ given, /** @type {readonly string[]} */ accept) => {
    setFile(given);
    setFound(null);
    setLeft(new Set());
    setAccepted(accept);
    const body = form(given, "schema", new Blob([known.trim()]));
    for (const column of accept) body.append("accept", column);
    setFound(await call("POST", "/api/clean", { body }));
  });
  const save = useAction(async () => {
    if (!file) return;
    const edits = found.edits.filter((/** @type {any} */ _, /** @type {number} */ at) => !left.has(at));
    const body = form(file, "edits", new Blob([JSON.stringify(edits)]));
    const response = await request("POST", "/api/clean/apply", { body });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `${file.name.replace(/\.[^.]*$/, "")}-cleaned.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });
  /** @param {FileList | null | undefined} files */
  const take = (files) => files?.[0] && !propose.busy && propose.start(files[0], []);
  /** @param {DragEvent} event */
  const dropped = (event) => {
    event.preventDefault();
    take(event.dataTransfer?.files);
  };
  /**
   * @param {number[]} places
   * @param {boolean} keep
   */
  const choose = (places, keep) => {
    const next = new Set(left);
    for (const at of places) keep ? next.delete(at) : next.add(at);
    setLeft(next);
  };
  /** @type {Map<string, number[]>} */
  const columns = new Map();
  for (const [at, edit] of (found?.edits ?? []).entries()) {
    const name = edit.column ?? "";
    columns.set(name, [...(columns.get(name) ?? []), at]);
  }
  const every = [...(found?.edits.keys() ?? [])];
  /** @type {any[]} */
  const open = (found?.findings ?? []).filter((/** @type {any} */ each) => each.repair === null);
  for (const { column } of open) columns.set(column ?? "", columns.get(column ?? "") ?? []);
  /** @type {Map<string, string[]>} */
  const asked = new Map();
  for (const { column, question } of found?.offers ?? []) asked.set(column, [...(asked.get(column) ?? []), question]);
  const kept = every.length - left.size;
  return html`<section class="drop" aria-label="A table to clean" onDragOver=${(/** @type {Event} */ event) => event.preventDefault()} onDrop=${dropped}>
      <label>Drop a table here, or choose it (CSV, TSV, XLSX) <input type="file" accept=".csv,.tsv,.tab,.txt,.xlsx" onChange=${(/** @type {any} */ event) => take(event.target.files)} /></label>
      <label>What you know of it (you can leave this out) <textarea rows="2" value=${known} placeholder="postcode -> city" onInput=${(/** @type {any} */ event) => setKnown(event.target.value)}></textarea></label>
      ${file && html`<button type="button" disabled=${propose.busy} onClick=${() => propose.start(file, accepted)}>Look again</button>`}
      ${propose.busy && html`<${Progress} label=${`Looking at ${plain(file?.name)}`} />`}
    </section>
    <${Trouble} problem=${propose.problem} />
    ${!file && html`<${Empty} title="Nothing is changed before you say so"><p>Rules look for what the table itself shows to be wrong: forms that the rest of a column does not have, misspellings of frequent values, numbers far outside, columns that determine others, cells that moved, keys and rows that are there twice. What is sure comes with a repair, and you choose; the rest is for you to look at. The file is not stored, and no model is asked.</p><//>`}
    ${
      found &&
      html`<h2 role="status">${plain(found.table)}: ${counted(found.rows, "row")}, ${counted(every.length, "proposed edit")}, ${counted(open.length, "doubt")} without a repair</h2>
      ${found.warnings.map((/** @type {string} */ said) => html`<${Notice} kind="warning">${plain(said)}<//>`)}
      ${[...asked].map(([column, questions]) => html`<div class="row wrap"><span class="text" dir="auto">${plain(questions.join(" "))}</span> <button type="button" disabled=${propose.busy} onClick=${() => file && propose.start(file, [...accepted, column])}>Yes, in ${plain(column)}</button></div>`)}
      ${
        found.columns.length > 0 &&
        html`<${Table} caption="What looks wrong in each column" rows=${found.columns} keyOf=${(/** @type {any} */ each) => each.column ?? ""} columns=${LOOKS_WRONG} />`
      }
      ${!every.length && !open.length && !asked.size && html`<${Notice} kind="good">The table shows nothing that looks wrong to the rules. Say what you know of it, such as <code>postcode -> city</code>, and look again.<//>`}
      ${
        every.length > 0 &&
        html`<div class="row wrap"><button type="button" class="strong" disabled=${!kept || save.busy} onClick=${save.start}>Download with ${counted(kept, "edit")}</button>
        <button type="button" disabled=${!left.size} onClick=${() => choose(every, true)}>All</button><button type="button" disabled=${!kept} onClick=${() => choose(every, false)}>None</button></div>
        <${Trouble} problem=${save.problem} />`
      }
      ${[...columns].map(([name, places]) => html`<${OfColumn} key=${name} name=${name} places=${places} edits=${found.edits} left=${left} choose=${choose} open=${open.filter((each) => (each.column ?? "") === name)} />`)}`
    }`;
}

/** @type {import("../parts.js").Column<any>[]} */
const LOOKS_WRONG = [
  { label: "Column", cell: (each) => html`<strong>${plain(each.column ?? "Whole rows")}</strong>` },
  { label: "Found", number: true, cell: (each) => each.found },
  { label: "Repaired", number: true, cell: (each) => each.cells },
  { label: "Kinds", cell: (each) => Object.entries(each.errors).map(kindOf).join(", ") },
];

/** @param {[string, any]} found */
const kindOf = ([kind, count]) => `${kind.replaceAll("_", " ")} ${count}`;

/** @type {import("../parts.js").Column<any>[]} */
const DOUBTS = [
  { label: "Row", cell: (each) => `row ${each.row}` },
  { label: "Now", cell: (each) => cell(each.value) },
  { label: "Why", cell: (each) => plain(each.evidence) },
];

/** @param {{name: string, places: number[], edits: any[], left: ReadonlySet<number>, choose: (places: number[], keep: boolean) => void, open: any[]}} props */
function OfColumn({ name, places, edits, left, choose, open }) {
  const [all, setAll] = useState(false);
  const chosen = places.filter((at) => !left.has(at)).length;
  const label = plain(name) || "Whole rows";
  /** @type {import("../parts.js").Column<number>[]} */
  const columns = [
    {
      label: "Row",
      cell: (at) => {
        return html`<label><input type="checkbox" checked=${!left.has(at)} onChange=${() => choose([at], left.has(at))} /> row ${edits[at].rows.at(-1)}</label>`;
      },
    },
    { label: "Now", cell: (at) => cell(edits[at].old) },
    {
      label: "Becomes",
      cell: (at) =>
        ({ delete: "removed", merge: `merged into row ${edits[at].rows[0]}` })[
          /** @type {string} */ (edits[at].kind)
        ] ?? cell(edits[at].new),
    },
    { label: "Why", cell: (at) => plain(edits[at].reason) },
  ];
  const said = [
    places.length && `${chosen} of ${counted(places.length, "edit")} chosen`,
    open.length && counted(open.length, "doubt"),
  ];
  return html`<details open class="edits"><summary><strong>${label}</strong> <span class="soft">${said.filter(Boolean).join(", ")}</span></summary>
    ${
      places.length > 0 &&
      html`<div class="row"><button type="button" class="quiet" onClick=${() => choose(places, true)}>All of this column</button><button type="button" class="quiet" onClick=${() => choose(places, false)}>None of it</button></div>
      <${Table} caption=${`Edits of ${label}`} columns=${columns} rows=${all ? places : places.slice(0, MOST)} keyOf=${String} />`
    }
    ${
      open.length > 0 &&
      html`<p>For you to look at: the table does not say what is right.</p>
      <${Table} caption=${`Doubts about ${label}, for you to look at`} rows=${all ? open : open.slice(0, MOST)} keyOf=${(/** @type {any} */ each) => `row ${each.row}`} columns=${DOUBTS} />`
    }
    ${(places.length > MOST || open.length > MOST) && !all && html`<button type="button" onClick=${() => setAll(true)}>Show all</button>`}
  </details>`;
}

/** A value; white space that would not be seen is drawn. @param {string | null} text */
const cell = (text) =>
  text
    ? html`<span class="text" dir="auto">${plain(text.length > 500 ? `${text.slice(0, 500)}…` : text).replace(/^\s+|\s+$|\s{2,}/g, (blank) => "␣".repeat(blank.length))}</span>`
    : html`<span class="soft">(empty)</span>`;

/** @param {any} found @param {number} digits */
const average = ({ value, interval }, digits = 3) =>
  value === null
    ? "–"
    : html`${value.toFixed(digits)}${interval && html`<br /><small>${interval[0].toFixed(digits)} to ${interval[1].toFixed(digits)}</small>`}`;

/** @param {{run: string, go: import("../router.js").Go}} props */
function Leaderboard({ run, go }) {
  const runs = useLoad((signal) => get("/api/results", { limit: 50 }, signal), []);
  const id = run || runs.data?.runs[0]?.run_id;
  const board = useLoad(async (signal) => id && get("/api/metrics/overview", { run_id: id }, signal), [id]);
  if (runs.data && !runs.data.runs.length && !run)
    return html`<${Empty} title="No run yet" command="candor benchmark run --contestants combined,nothing"><p>The benchmark puts known errors into tables, lets rules and models clean them, and counts what they repair and what they break.</p><//>`;
  const { data } = board;
  /** @type {any[]} */
  const rows = (data?.rows ?? []).filter((/** @type {any} */ row) => !row.dimension && !row.difficulty);
  const beside = (/** @type {string} */ name) =>
    data.comparisons.find((/** @type {any} */ each) => each.model === name)?.verdict.replaceAll("_", " ");
  /** @type {import("../parts.js").Column<any>[]} */
  const columns = [
    { label: "Contestant", cell: (row) => html`<strong>${plain(row.model)}</strong>` },
    { label: "Error reduction", number: true, cell: (row) => average(row.canonical.error_reduction) },
    { label: "F1 of repairs", number: true, cell: (row) => average(row.canonical.f1) },
    { label: "Right cells broken", number: true, cell: (row) => average(row.canonical.corruption_rate) },
    { label: "Completed", number: true, cell: (row) => average(row.completion_rate, 2) },
    { label: "Beside the first", cell: (row) => beside(row.model) ?? "the first" },
  ];
  return html`<${Trouble} problem=${runs.problem ?? board.problem} again=${board.reload} />
    <label>Run <select value=${id} onChange=${(/** @type {any} */ event) => go(["leaderboard", event.target.value])}>
      ${runs.data?.runs.map((/** @type {any} */ each) => html`<option value=${each.run_id}>${plain(each.name)}, ${each.timestamp.slice(0, 16).replace("T", " ")} (${each.status})</option>`)}
    </select></label>
    ${
      data &&
      html`<p>${data.done} of ${counted(data.planned, "result")}, begun <${Moment} at=${data.timestamp} />. In the order of error reduction: 1 is all repaired, 0 as dirty as before, below 0 dirtier. Intervals are 95 %.</p>
      <${Table} caption="Leaderboard" rows=${rows} columns=${columns} />`
    }`;
}
