/**
 * One evaluation: its cost before it begins, its progress, its verdict with the way to promote, and its cases with
 * the outputs side by side, to be rated in place; an earlier evaluation beside it.
 */
import { call, get, Problem, problemOf, request, useLoad } from "./api.js";
import { plain } from "./citations.js";
import { Rewording } from "./differences.js";
import {
  between,
  Confirm,
  counted,
  Dialog,
  Duration,
  inDigits,
  Moment,
  Money,
  Notice,
  Progress,
  percent,
  STATES,
  Table,
  Trouble,
  useAction,
} from "./parts.js";
import { href } from "./router.js";
import { eventsOf } from "./stream.js";
import { html, useEffect, useState } from "./vendor/preact.js";

const FINDINGS = /** @type {Record<string, string>} */ ({
  better: "better",
  worse: "worse",
  no_difference_shown: "no difference shown",
  not_comparable: "cannot be compared",
  unfinished: "not done yet",
});
const WHOLE = "output"; // the name of a rating of all of it
const MOST_CELLS = 100;
const MOST_CASES = 25;

/** @param {string} id */
const pathOf = (id) => `/api/v1/eval-runs/${encodeURIComponent(id)}`;

/** @param {import("./router.js").Place & {prompt: string, id: string}} props */
export function Evaluation({ prompt, id, query, go }) {
  const path = pathOf(id);
  const run = useLoad((signal) => get(path, {}, signal), [id]);
  const { data } = run;
  const [progress, setProgress] = useState(/** @type {any} */ (null));
  const [broken, setBroken] = useState(/** @type {Problem | null} */ (null));
  const working = ["queued", "running"].includes(data?.status);
  useEffect(() => {
    if (!working) return undefined;
    const leaving = new AbortController();
    watched(`${path}/events`, leaving.signal, setProgress).then(run.reload, (error) => {
      if (!leaving.signal.aborted) setBroken(problemOf(error));
    });
    return () => leaving.abort();
  }, [path, working]);
  const [stopping, setStopping] = useState(false);
  const stop = useAction(
    () => call("POST", `${path}/cancel`),
    () => setStopping(true),
  );
  const [promoting, setPromoting] = useState(false);
  const back = prompt
    ? html`<a href=${href("improve", [prompt])}>${plain(prompt)}</a>`
    : html`<a href=${href("improve")}>All prompts</a>`;
  if (!data)
    return html`<div class="page">${back}${run.loading && html`<p class="soft">Loading …</p>`}<${Trouble} problem=${run.problem} again=${run.reload} /></div>`;
  const { summary, status } = data;
  const now = working && progress ? progress : { status, spent: data.cost_usd, progress: data.progress };
  const candidate = candidateOf(data, prompt);
  return html`<div class="page wide">${back}
    <div class="row wrap"><h1>${plain(data.name)}</h1>
      ${status === "completed" && candidate && html`<button type="button" class="strong" onClick=${() => setPromoting(true)}>Put ${candidate.name} in use</button>`}</div>
    <p class="soft"><span role="status">${STATES[now.status] ?? now.status}${data.reason && `: ${plain(data.reason)}`}</span>, ${counted(summary.cases, "case")}${data.repeats > 1 && `, ${data.repeats} answers each`},${" "}
      <${Money} cost=${now.spent} /> spent, made <${Moment} at=${data.created_at} /></p>
    <${Trouble} problem=${broken ?? stop.problem} again=${() => {
      setBroken(null);
      run.reload();
    }} />
    ${working && html`<${Progress} label="${now.progress.completed} of ${now.progress.total} results" value=${now.progress.completed} max=${now.progress.total || 1} /><div class="row"><button type="button" disabled=${stop.busy || stopping} onClick=${() => stop.start()}>${stopping ? "Stopping …" : "Stop"}</button>${stopping && html`<span class="soft">What models are writing now is still waited for.</span>`}</div>`}
    ${!working && status !== "completed" && status !== "failed" && html`<${Beginning} run=${data} path=${path} onDone=${run.reload} onRemoved=${() => go(prompt ? [prompt] : [])} />`}
    ${summary.done > 0 && html`<${Verdict} run=${data} /><${Totals} summary=${summary} />`}
    ${summary.done > 0 && !working && html`<${Earlier} run=${data} query=${query} go=${(/** @type {any} */ more) => go([prompt || "-", id], { ...query, ...more })} /><${Cases} run=${data} query=${query} to=${(/** @type {any} */ more) => href("improve", [prompt || "-", id], { ...query, ...more })} />`}
    ${promoting && html`<${Promotion} run=${data} candidate=${candidate} onClose=${() => setPromoting(false)} onDone=${() => go([candidate.prompt], { version: String(candidate.number) })} />`}
  </div>`;
}

/**
 * Follows the progress of a run to its end. Throws what the server says against it.
 * @param {string} path @param {AbortSignal} signal @param {(progress: any) => void} onProgress
 */
async function watched(path, signal, onProgress) {
  const headers = { accept: "text/event-stream" };
  for await (const events of eventsOf(await request("GET", path, { headers, signal })))
    for (const event of events) {
      if (event.progress) onProgress(event);
      else if (event.detail) throw new Problem({ ...event, status: 1 });
    }
}

/** Returns the variant that may be put in use: the last one that is not the baseline. @param {any} run @param {string} prompt */
function candidateOf(run, prompt) {
  const found = run.variants
    .map((/** @type {any} */ each) => ({ ...each, parts: /^(.+)@(\d+)$/.exec(each.prompt_version) }))
    .filter((/** @type {any} */ each) => each.parts && (!prompt || each.parts[1] === prompt))
    .at(-1);
  return found && { name: found.name, prompt: found.parts[1], number: Number(found.parts[2]) };
}

/** @param {{run: any, path: string, onDone: () => void, onRemoved: () => void}} props */
function Beginning({ run, path, onDone, onRemoved }) {
  const estimate = useLoad((signal) => get(`${path}/estimate`, {}, signal), [path]);
  const [budget, setBudget] = useState("");
  const begin = useAction(
    () => call("POST", `${path}/resume`, { body: budget ? { budget: Number(budget) } : {} }),
    onDone,
  );
  const remove = useAction(() => call("DELETE", path), onRemoved);
  const { data } = estimate;
  const fresh = run.status === "pending";
  return html`<section class="notice" aria-label="Cost">
    <${Trouble} problem=${estimate.problem ?? begin.problem ?? remove.problem} again=${estimate.reload} />
    ${
      data &&
      html`<form onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        begin.start();
      }}><p><strong>${fresh ? "Nothing is asked of a model yet." : "It can go on where it was."}</strong>${" "}
      ${fresh ? "" : "In all: "}${counted(data.cells, "result")}${data.calls + data.judge_calls > 0 ? html`, about ${counted(data.calls + data.judge_calls, "call")} of models that cost something: ${data.cost_usd === null ? "what they cost is not known" : html`about <${Money} cost=${data.cost_usd} />`}.` : ", and none costs anything."}</p>
      <div class="options"><label><span>Stop at (US dollars)</span> <input type="number" min="0.01" step="any" value=${budget} placeholder=${run.budget ? inDigits(run.budget) : "no limit"} onInput=${(/** @type {any} */ event) => setBudget(event.target.value)} /></label>
      <button type="submit" class="strong" disabled=${begin.busy}>${fresh ? "Confirm and begin" : "Go on"}</button>
      ${fresh && html`<button type="button" disabled=${remove.busy} onClick=${() => remove.start()}>Throw it away</button>`}</div></form>`
    }</section>`;
}

/** @param {{run: any}} props */
const Verdict = ({ run }) => html`<section class="report" aria-label="Verdict">
  ${run.statements.map(
    (/** @type {any} */ each) =>
      html`<${Notice} kind=${each.finding === "better" ? "good" : each.finding === "worse" ? "warning" : "note"}><strong>${plain(each.headline)}.</strong> ${plain(each.detail)}<//>`,
  )}
  ${run.summary.totals.every((/** @type {any} */ each) => each.unchecked > 0 && each.unchecked === each.planned) && html`<${Notice} kind="warning">Nothing says what would be right in these cases. Say it on <a href=${href("answers")}>Answers</a> and make the dataset again under its name, or rate the outputs below yourself.<//>`}
  ${run.cautions.length > 0 && html`<ul class="soft">${run.cautions.map((/** @type {string} */ said) => html`<li>${plain(said)}</li>`)}</ul>`}</section>`;

/** The verdict of an evaluation that is named elsewhere. @param {{id: string}} props */
export function Evidence({ id }) {
  const run = useLoad((signal) => get(pathOf(id), {}, signal), [id]);
  return html`<${Trouble} problem=${run.problem} again=${run.reload} />${run.data && html`<${Verdict} run=${run.data} />`}`;
}

/** @param {{summary: any}} props */
function Totals({ summary }) {
  /** @type {import("./parts.js").Column<any>[]} */
  const columns = [
    { label: "Variant", cell: (row) => plain(row.variant) },
    { label: "Passed", number: true, cell: (row) => `${row.passed} of ${row.passed + row.failed}` },
    { label: "Rate", number: true, cell: (row) => percent(row.pass_rate) },
    {
      label: "95 % interval",
      number: true,
      cell: (row) => between(row.pass_interval && [row.pass_interval.low, row.pass_interval.high]),
    },
    { label: "Errors", number: true, cell: (row) => row.errors },
    { label: "Cost", number: true, cell: (row) => html`<${Money} cost=${row.cost_usd} />` },
    { label: "Half within", number: true, cell: (row) => html`<${Duration} ms=${row.latency_p50} />` },
  ];
  const several = summary.comparisons.length > 1;
  return html`<${Table} caption="Totals" columns=${columns} rows=${summary.totals} />
    ${several && html`<details><summary>By check</summary><${Compared} comparisons=${summary.comparisons} /></details>`}`;
}

/** @param {number | null} share */
const points = (share) => (share === null ? "–" : `${share > 0 ? "+" : ""}${(share * 100).toFixed(1)}`);

/** @param {string} name @param {string} of */
const without = (name, of) => (of && name.endsWith(` of ${of}`) ? name.slice(0, -of.length - 4) : name);

/** @param {{comparisons: readonly any[], of?: string}} props `of`: the run that the names of variants end with */
const Compared = ({ comparisons, of = "" }) =>
  html`<${Table} caption="Comparisons" rows=${comparisons} columns=${[
    {
      label: "Variant",
      cell: (/** @type {any} */ row) =>
        html`${plain(without(row.variant, of))}${row.metric && html`<br /><small>${plain(row.metric)}</small>`}`,
    },
    { label: "Beside", cell: (/** @type {any} */ row) => (of ? "the earlier one" : plain(row.baseline)) },
    { label: "Finding", cell: (/** @type {any} */ row) => FINDINGS[row.finding] ?? row.finding },
    { label: "Points", number: true, cell: (/** @type {any} */ row) => points(row.difference) },
    {
      label: "Interval",
      number: true,
      cell: (/** @type {any} */ row) =>
        row.interval ? `${points(row.interval.low)} to ${points(row.interval.high)}` : "–",
    },
    { label: "n", number: true, cell: (/** @type {any} */ row) => row.cases },
  ]} />`;

/** @param {{run: any, query: Record<string, string>, go: (more: Record<string, string>) => void}} props */
function Earlier({ run, query, go }) {
  const runs = useLoad((signal) => get("/api/v1/eval-runs", { limit: 100 }, signal), []);
  const other = query.with ?? "";
  const compared = useLoad(
    async (signal) => (other ? get(`${pathOf(other)}/compare/${run.id}`, {}, signal) : null),
    [other, run.id],
  );
  const others = (runs.data?.runs ?? []).filter(
    (/** @type {any} */ each) => each.id !== run.id && each.dataset_id === run.dataset_id && each.started_at,
  );
  if (!others.length && !other) return null;
  return html`<section class="report" aria-label="An earlier evaluation"><div class="options"><label><span>Beside an earlier evaluation</span>
    <select value=${other} onChange=${(/** @type {any} */ event) => go({ with: event.target.value })}><option value="">none</option>
    ${others.map((/** @type {any} */ each) => html`<option value=${each.id}>${plain(each.name).slice(0, 60)}, ${new Date(each.created_at).toLocaleString()}</option>`)}</select></label></div>
    ${compared.problem ? html`<${Notice}>${plain(compared.problem.detail)}<//>` : compared.data && html`<${Compared} comparisons=${compared.data} of=${run.id} />`}</section>`;
}

/**
 * Returns the results of some cases, from the first one on.
 * @param {any} run @param {number} first @param {number} count @param {AbortSignal} signal
 */
async function cells(run, first, count, signal) {
  const width = run.variants.length * run.repeats;
  const found = [];
  const last = (first + count) * width;
  for (let after = first * width - 1; after !== null && after < last - 1; ) {
    const limit = Math.min(MOST_CELLS, last - 1 - after);
    const page = await get(`${pathOf(run.id)}/results`, { after, limit }, signal);
    found.push(...page.results.filter((/** @type {any} */ each) => each.place < last));
    after = page.next_after;
  }
  return found;
}

/** @param {{run: any, query: Record<string, string>, to: (more: Record<string, string>) => string}} props */
function Cases({ run, query, to }) {
  const [first, item] = (query.at ?? "0.-1").split(".").map(Number);
  const count = Math.max(1, Math.min(MOST_CASES, Math.floor(MOST_CELLS / (run.variants.length * run.repeats))));
  const found = useLoad(
    async (signal) => {
      const items = get(
        `/api/v1/datasets/${run.dataset_id}/items`,
        { version: run.dataset_version, after: item, limit: count },
        signal,
      );
      const other = query.with ? get(pathOf(query.with), {}, signal) : null;
      const [page, own, said, status, earlier] = await Promise.all([
        items.catch((/** @type {Problem} */ problem) =>
          problem.status === 404 ? { items: [] } : Promise.reject(problem),
        ),
        cells(run, first, count, signal),
        get(`${pathOf(run.id)}/feedback`, {}, signal),
        get("/api/auth/status", {}, signal),
        other?.then((/** @type {any} */ before) => cells(before, first, count, signal)),
      ]);
      return { page, own, said, me: status.user?.id, earlier: earlier ?? [] };
    },
    [run.id, run.status, query.at, query.with],
  );
  const only = query.only === "differ";
  const { data } = found;
  const keys = [...new Set((data?.own ?? []).map((/** @type {any} */ each) => each.dataset_item_id))];
  const cases = keys
    .map((key, at) => ({
      id: key,
      number: first + at + 1,
      item: data?.page.items.find((/** @type {any} */ each) => each.id === key),
      columns: [
        ...run.variants.map((/** @type {any} */ each) => column(each.name, "", data?.own, key)),
        ...[...new Set(data?.earlier.map((/** @type {any} */ each) => each.variant))].map((name) =>
          column(name, "earlier: ", data?.earlier, key),
        ),
      ],
    }))
    .filter(
      (each) =>
        !only || new Set(each.columns.map((/** @type {any} */ one) => one.passed / one.results.length)).size > 1,
    );
  const gone = data?.page.items.length === 0;
  const more = gone ? -1 : data?.page.next_after;
  return html`<section class="report" aria-label="Cases"><div class="row wrap"><h2>Cases ${first + 1} to ${first + keys.length} of ${run.summary.cases}</h2>
    <a class="button" href=${to({ only: only ? "" : "differ" })}>${only ? "Show all of these" : "Only where verdicts differ"}</a></div>
    <${Trouble} problem=${found.problem} again=${found.reload} />
    ${gone && keys.length > 0 && html`<${Notice}>The dataset was removed, so its questions are not shown.<//>`}
    ${data && !cases.length && html`<p class="soft">${only ? "In these cases the verdicts are the same." : "No result is there yet."}</p>`}
    ${cases.map((each) => html`<${Case} key=${each.id} ...${each} run=${run} said=${data?.said} me=${data?.me} onRated=${found.reload} />`)}
    <div class="row">${first > 0 && html`<a class="button" href=${to({ at: "" })}>First cases</a>`}
    ${more !== null && more !== undefined && first + count < run.summary.cases && html`<a class="button" href=${to({ at: `${first + count}.${more}` })}>More cases</a>`}</div></section>`;
}

/**
 * Returns the results of a variant for a case: what is the same stands once.
 * @param {string} name @param {string} before @param {any[] | undefined} results @param {string} key
 */
function column(name, before, results = [], key) {
  const own = results.filter((each) => each.variant === name && each.dataset_item_id === key);
  /** @type {Map<string, any[]>} */
  const alike = new Map();
  for (const each of own) {
    const same = JSON.stringify([each.output, each.error, each.grading?.verdict]);
    alike.set(same, [...(alike.get(same) ?? []), each]);
  }
  const passed = own.filter((each) => each.grading?.verdict === "passed").length;
  return { name: `${before}${name}`, earlier: before !== "", results: own, groups: [...alike.values()], passed };
}

/** @param {unknown} value */
const text = (value) => plain(typeof value === "string" ? value : JSON.stringify(value));

/** @param {any} props */
function Case({ number, item, columns, run, said, me, onRated }) {
  const question = item?.vars.question ?? item?.description ?? Object.values(item?.vars ?? {})[0];
  const baseline = columns[0].groups[0]?.[0].output ?? "";
  return html`<article class="said"><h3 dir="auto">${question === undefined ? `Case ${number}` : text(question)}</h3>
    ${item?.expected !== undefined && item?.expected !== null && html`<p class="soft" dir="auto">Right would be: ${text(item.expected)}</p>`}
    <div class="cells">${columns.map(
      (
        /** @type {any} */ each,
        /** @type {number} */ place,
      ) => html`<div class="cell"><h4>${plain(each.name)} ${each.results.length > 1 && html`<small>${each.passed} of ${each.results.length} passed</small>`}</h4>
      ${each.groups.map((/** @type {any[]} */ group) => html`<${Cell} key=${group[0].place} group=${group} of=${each.results.length} before=${place ? baseline : null} run=${run} rated=${!each.earlier} said=${said} me=${me} onRated=${onRated} />`)}</div>`,
    )}</div></article>`;
}

const VERDICTS = /** @type {Record<string, string>} */ ({
  passed: "Passed",
  failed: "Failed",
  error: "Could not be checked",
  unchecked: "Nothing to check",
});

/** @param {{group: any[], of: number, before: string | null, run: any, rated: boolean, said: any[], me: string, onRated: () => void}} props */
function Cell({ group, of, before, run, rated, said, me, onRated }) {
  const [one] = group;
  const verdict = one.grading?.verdict;
  const names = judged(one.grading?.results ?? [], new Map());
  const asked = names.length === 1 ? names : [WHOLE, ...names];
  return html`<p class="verdict ${verdict ?? "error"}">${verdict ? VERDICTS[verdict] : "Error"}${of > 1 && group.length < of && html` <small>${group.length > 1 ? `${group.length} times` : "once"}</small>`}${one.grading?.reason && verdict !== "passed" && html` <small dir="auto">${plain(one.grading.reason)}</small>`}</p>
    ${one.error && html`<p class="text">${plain(one.error)}</p>`}
    ${one.output !== null && (before === null || before === one.output ? html`<div class="text" dir="auto">${before === one.output ? html`<span class="soft">The same text.</span>` : plain(one.output)}</div>` : html`<${Rewording} before=${before} after=${one.output} />`)}
    ${rated && one.output !== null && asked.map((name) => html`<${Rating} key=${name} name=${name} label=${names.length > 1 && (name === WHOLE ? "As a whole" : plain(name))} group=${group} run=${run} said=${said} me=${me} onRated=${onRated} />`)}`;
}

/**
 * Returns what a model judged of an output, by the names of their ratings: the second of a name ends in `#2`.
 * @param {any[]} results @param {Map<string, number>} seen
 * @returns {string[]}
 */
const judged = (results, seen) =>
  results.flatMap(({ metric, type, judge, verdict, parts }) => {
    const name = metric || type;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const own = judge && ["passed", "failed"].includes(verdict) ? [count > 1 ? `${name}#${count}` : name] : [];
    return [...own, ...judged(parts ?? [], seen)];
  });

/**
 * A person's verdict on an output, or on what a model judged of it.
 * @param {{name: string, label: string | false, group: any[], run: any, said: any[], me: string, onRated: () => void}} props
 */
function Rating({ name, label, group, run, said, me, onRated }) {
  const all = said.filter(
    (each) =>
      each.assertion === name &&
      group.some((one) => one.place === each.place && one.output_sha256 === each.output_digest),
  );
  const given = [...new Map(all.map((each) => [each.person, each])).values()]; // the repeats of a group alike
  const mine = given.find((each) => each.person === me);
  const [note, setNote] = useState(/** @type {string | null} */ (null));
  const rate = useAction(async (/** @type {boolean} */ passed, /** @type {string} */ comment) => {
    for (const { place, output_sha256 } of group) {
      const body = { passed, note: comment, assertion: name, output_sha256 };
      await call("PUT", `${pathOf(run.id)}/results/${place}/feedback`, { body });
    }
    setNote(null);
  }, onRated);
  return html`<div class="actions" role="group" aria-label=${label || "Your rating"}>${label && html`<span class="soft">${label}</span>`}${[true, false].map((good) => html`<button type="button" class="quiet" disabled=${rate.busy} aria-pressed=${mine?.passed === good} onClick=${() => rate.start(good, mine?.note ?? "")}>${good ? "Good" : "Bad"}</button>`)}
    ${mine && html`<button type="button" class="quiet" onClick=${() => setNote(note === null ? mine.note : null)}>Comment</button>`}</div>
    ${
      note !== null &&
      html`<form onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        rate.start(mine?.passed ?? true, note);
      }}><label><span>Your comment</span> <input maxlength="10000" value=${note} onInput=${(/** @type {any} */ event) => setNote(event.target.value)} /></label><div class="row end"><button type="submit" disabled=${rate.busy}>Save</button></div></form>`
    }
    ${given.filter((each) => each !== mine || each.note).map((each) => html`<p class="soft" dir="auto">${each === mine ? "" : `${plain(each.person)}: ${each.passed ? "good" : "bad"}. `}${plain(each.note)}</p>`)}
    <${Trouble} problem=${rate.problem} />`;
}

/**
 * Puts a version in use, with the evidence before the person; what the evidence does not allow needs a reason.
 * @param {{run: any, candidate: {name: string, prompt: string, number: number}, onClose: () => void, onDone: () => void}} props
 */
function Promotion({ run, candidate, onClose, onDone }) {
  const path = `/api/v1/prompts/${encodeURIComponent(candidate.prompt)}`;
  const labels = useLoad((signal) => get(`${path}/labels`, {}, signal), [path]);
  const [reason, setReason] = useState("");
  const now = labels.data?.find((/** @type {any} */ each) => each.label === "production")?.version ?? 0;
  const put = (/** @type {object} */ more) =>
    call("PUT", `${path}/labels/production`, { body: { version: candidate.number, expected_version: now, ...more } });
  const promote = useAction(() => put({ evidence: run.id }), onDone);
  const refused = promote.problem?.code === "promotion_refused";
  if (refused)
    return html`<${Confirm} title="The evidence does not allow it" action="Put it in use all the same" onClose=${onClose} onDone=${onDone} run=${() => put({ reason })}>
      <${Verdict} run=${run} /><p>${plain(promote.problem.detail)} ${plain(promote.problem.hint)}</p>
      <label>Why you put it in use without evidence <input value=${reason} onInput=${(/** @type {any} */ event) => setReason(event.target.value)} /></label><//>`;
  return html`<${Dialog} title="Put ${candidate.name} in use?" onClose=${onClose}><${Verdict} run=${run} />
    <p>From the next question on, ${candidate.name} of ${plain(candidate.prompt)} is used instead of ${now ? `version ${now}` : "the built-in text"}. You can roll back.</p>
    <${Trouble} problem=${labels.problem ?? promote.problem} />
    <div class="row end"><button type="button" onClick=${onClose}>Keep</button><button type="button" class="strong" disabled=${!labels.data || promote.busy} onClick=${() => promote.start()}>Put it in use</button></div><//>`;
}
