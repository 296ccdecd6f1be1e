/** Advice: ask with options, say what came of it, and see whether the confidence holds. */
import { AnswerText } from "../answer.js";
import { call, get, Problem, problemOf, request, useLoad } from "../api.js";
import { plain } from "../citations.js";
import {
  between,
  Confirm,
  counted,
  Empty,
  Moment,
  Money,
  Notice,
  Progress,
  percent,
  Table,
  Trouble,
  useAction,
} from "../parts.js";
import { href } from "../router.js";
import { SourcePane } from "../source.js";
import { eventsOf } from "../stream.js";
import { html, useState } from "../vendor/preact.js";

/** @typedef {import("../answer.js").Cited} Cited */

const DAYS = 365;

export default {
  title: "Advice",
  command: (/** @type {readonly string[]} */ [id], /** @type {Record<string, string>} */ { profile = "" }) =>
    id ? `candor confidence show ${id}` : `candor advise "…"${profile ? ` --profile ${plain(profile)}` : ""}`,
  View: (/** @type {import("../router.js").Place} */ place) =>
    place.params[0]
      ? html`<${One} key=${place.params[0]} id=${place.params[0]} ...${place} />`
      : html`<${All} ...${place} />`,
};

/** @param {import("../router.js").Place} place */
function All({ query, go }) {
  const profile = query.profile ?? "";
  const recent = useLoad(
    (signal) => get("/confidence/recent", { limit: 50, profile, before: query.before }, signal),
    [profile, query.before],
  );
  const [text, setText] = useState("");
  const [model, setModel] = useState("");
  const [live, setLive] = useState(/** @type {any} */ (null));
  const { busy, problem, start } = useAction(async () => {
    setLive(null);
    const body = {
      messages: [{ role: "user", parts: [{ type: "text", text }] }],
      profile: profile || null,
      model: model || null,
    };
    const response = await request("POST", "/api/advice", { body, headers: { accept: "text/event-stream" } });
    let given = null;
    for await (const events of eventsOf(response))
      for (const event of events) {
        if (event.type === "data-problem") throw new Problem({ ...event.data, status: 1 });
        if (event.type === "error") throw new Problem({ status: 1, code: "", detail: event.errorText });
        if (event.type === "data-advice") given = event.data;
        setLive(given);
      }
    if (given?.response_id) go([given.response_id]);
    else recent.reload();
  });
  const ask = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (text.trim()) start();
  };
  /** @type {import("../parts.js").Column<any>[]} */
  const columns = [
    {
      label: "Question",
      cell: (row) => html`<a href=${href("advice", [row.response_id])}>${plain(row.user_query)}</a>`,
    },
    { label: "Confidence", number: true, cell: (row) => percent(row.confidence_score) },
    { label: "Outcome", cell: (row) => row.state },
    { label: "Asked", cell: (row) => html`<${Moment} at=${row.timestamp} />` },
  ];
  return html`<div class="page">
    <h1>Advice</h1>
    <form onSubmit=${ask}>
      <label><span>Your question, with its options</span>
        <textarea data-new rows="2" value=${text} placeholder="Lease or buy the van?" onInput=${(/** @type {any} */ event) => setText(event.target.value)} /></label>
      <div class="options">
        <label>Profile <input value=${profile} placeholder="the usual one" onChange=${(/** @type {any} */ event) => go([], { ...query, before: "", profile: event.target.value.trim() }, { replace: true })} /></label>
        <label>Model <input value=${model} placeholder="the usual one" onInput=${(/** @type {any} */ event) => setModel(event.target.value.trim())} /></label>
        <button type="submit" class="strong" disabled=${busy}>Advise</button>
      </div>
    </form>
    <${Trouble} problem=${problem && problemOf(problem)} />
    ${busy && html`<${Progress} label="Weighing the options" />`}
    ${busy && live && html`<${Given} advice=${live} />`}
    <h2>Recent advice</h2>
    <${Trouble} problem=${recent.problem} again=${recent.reload} />
    ${
      recent.data &&
      (recent.data.logs.length
        ? html`<${Table} caption="Recent advice" columns=${columns} rows=${recent.data.logs} />`
        : html`<${Empty} title="No advice yet"><p>Ask above with two options or more. Say later which was right: then the confidence can be checked.</p><//>`)
    }
    ${recent.data?.next_before && html`<button type="button" onClick=${() => go([], { ...query, before: recent.data.next_before })}>Older</button>`}
    <${Reliability} profile=${profile} query=${query} go=${go} onResolved=${recent.reload} />
  </div>`;
}

/** @param {any} source @returns {string[]} what it is quoted for, each text once */
const quoted = (source) => [...new Set(/** @type {any[]} */ (source.quotes ?? []).map((quote) => quote.text))];

/**
 * Returns the sources with their sentences counted in one text of the advice, which begins at this character of all.
 * @param {readonly any[]} sources
 * @param {number} from
 */
const countedFrom = (sources, from) =>
  sources.map((source) => ({
    ...source,
    quotes: source.quotes.map((/** @type {any} */ quote) => ({
      ...quote,
      sentence: { start: quote.sentence.start - from, end: quote.sentence.end - from },
    })),
  }));

/** What the model stated, where something else is shown. @param {any} advice */
const corrected = ({ raw_confidence: stated, confidence_score: shown }) =>
  typeof stated === "number" && stated !== shown && `; the model stated ${percent(stated)}`;

/**
 * @param {{advice: any, active?: Cited | null, onCite?: (cited: Cited) => void}} props what is known of it so far;
 * without `onCite` its sources cannot be opened yet
 */
function Given({ advice, active = null, onCite }) {
  const { reasoning } = advice;
  const alternatives = advice.alternatives ?? [];
  const sources = advice.sources ?? [];
  let from = 0;
  const [main, why, ...others] = [
    advice.main_advice ?? "",
    reasoning ?? "",
    ...alternatives.map((/** @type {any} */ each) => each.reason ?? ""),
  ].map((text) => {
    const cited = onCite ? countedFrom(sources, from) : [];
    from += [...text].length + 2; // an empty line
    return html`<${AnswerText} text=${text} sources=${cited} active=${active} onCite=${onCite} />`;
  });
  return html`<section class="report" aria-label="Recommendation">
  ${main}
  ${
    advice.confidence_score !== null && advice.confidence_score !== undefined
      ? html`<label class="progress"><strong>${plain(advice.confidence_phrase) || percent(advice.confidence_score)}</strong> <small>${percent(advice.confidence_score)}${corrected(advice)}</small>
      <meter min="0" max="1" value=${advice.confidence_score}></meter></label>`
      : advice.outcome && html`<${Notice}>No confidence: there was nothing to choose by.<//>`
  }
  ${reasoning && html`<h3>Why</h3>${why}`}
  ${alternatives.length > 0 && html`<h3>Alternatives</h3><ul>${alternatives.map((/** @type {any} */ each, /** @type {number} */ at) => html`<li><strong>${plain(each.option)}</strong> ${others[at]}</li>`)}</ul>`}
  ${sources.length > 0 && html`<h3>Sources</h3><ul>${sources.map((/** @type {any} */ each) => html`<li>[${each.number}] ${plain(each.title || each.document)} <small>${plain(each.date)}</small> ${quoted(each).map((text) => html`<blockquote class="text">${plain(text)}</blockquote>`)}</li>`)}</ul>`}
  ${advice.notices?.map((/** @type {string} */ said) => html`<${Notice} kind="warning">${plain(said)}<//>`)}
</section>`;
}

/** @param {{id: string, query: Record<string, string>, go: import("../router.js").Go}} props */
function One({ id, query, go }) {
  const found = useLoad((signal) => get(`/advice/${id}`, {}, signal), [id]);
  const { busy, problem, start } = useAction(async (/** @type {Record<string, unknown>} */ said) => {
    await call("POST", "/feedback", { body: { response_id: id, ...said } });
    found.reload();
  });
  const { data } = found;
  const [number, quote = 0] = (query.at ?? "").split(".").map(Number);
  const source = data?.sources.find((/** @type {any} */ each) => each.number === number);
  const cite = (/** @type {Cited} */ cited) => go([id], { at: `${cited.number}.${cited.quote}` }, { replace: true });
  return html`<div class="page ${source ? "reading with-source" : "read"}"><article class="answered"><a href=${href("advice")}>All advice</a>
    <h1>${plain(data?.question) || "Advice"}</h1><${Trouble} problem=${found.problem} again=${found.reload} />
    ${
      data &&
      html`<${Given} advice=${data} active=${source ? { number, quote } : null} onCite=${cite} />
      <h2>What came of it</h2>${
        data.raw_confidence === null
          ? html`<p>Where no confidence is stated, no outcome can be held against it.</p>`
          : html`<div class="actions" role="group" aria-label="Outcome">${["right", "wrong", "void"].map(
              (each) => html`<button type="button" disabled=${busy} aria-pressed=${data.judgement.state === each}
          onClick=${() => start({ outcome: each })}>${each[0].toUpperCase() + each.slice(1)}</button>`,
            )} <span class="soft" role="status">Now: ${data.judgement.state}</span></div>`
      }
      ${data.judgement.feedback_notes && html`<p dir="auto">${plain(data.judgement.feedback_notes)}</p>`}
      <${Trouble} problem=${problem && problemOf(problem)} />
      <dl class="facts"><div><dt>Profile</dt><dd>${plain(data.profile)}</dd></div><div><dt>Model</dt><dd>${plain(data.model_identifier)}</dd></div>
      <div><dt>Prompt</dt><dd>${plain(data.prompt_version)}</dd></div>
      <div><dt>Stated</dt><dd>${percent(data.raw_confidence)}</dd></div>
      ${data.calibration_version && html`<div><dt>Corrected by</dt><dd>${plain(data.calibration_version)}</dd></div>`}
      <div><dt>Cost</dt><dd><${Money} cost=${data.cost} /></dd></div><div><dt>Asked</dt><dd><${Moment} at=${data.created_at} /></dd></div></dl>`
    }</article>
    ${source && html`<${SourcePane} key=${number} source=${source} quote=${quote} onClose=${() => go([id], {}, { replace: true })} />`}
  </div>`;
}

const SIDE = 240;
const MARGIN = 34;
/** @param {number} share */
const across = (share) => MARGIN + share * SIDE;
/** @param {number} share */
const up = (share) => 10 + (1 - share) * SIDE;

/**
 * Shown against observed: a point for each band, its area by n, with its interval; on the line it holds.
 * @param {{bands: readonly any[]}} props
 */
function Picture({ bands }) {
  const most = Math.max(...bands.map((band) => band.count));
  const line = (/** @type {number[]} */ [x1, y1, x2, y2], name = "axis") =>
    html`<line class=${name} x1=${across(x1)} y1=${up(y1)} x2=${across(x2)} y2=${up(y2)} />`;
  return html`<figure class="reliability"><svg class="chart" viewBox="0 0 ${SIDE + MARGIN + 14} ${SIDE + 32}" role="img" aria-label="What was shown against what happened; the table has the figures">
    ${[0, 0.25, 0.5, 0.75, 1].map((at) => html`${line([0, at, 1, at])}${line([at, 0, at, 1])}<text x=${MARGIN - 6} y=${up(at) + 4} text-anchor="end">${at * 100}</text><text x=${across(at)} y=${up(0) + 16} text-anchor="middle">${at * 100}</text>`)}
    ${line([0, 0, 1, 1], "ideal")}
    ${bands.map(
      ({ predicted_probability: shown, observed_frequency: seen, interval, count }) =>
        html`${interval && line([shown, interval[0], shown, interval[1]], "series")}<circle class="series" cx=${across(shown)} cy=${up(seen)} r=${3 + 6 * Math.sqrt(count / most)}><title>${percent(shown)} shown, ${percent(seen)} right, n = ${count}</title></circle>`,
    )}
  </svg><p class="soft">Across: confidence as shown, in percent. Upwards: how often it was right.</p></figure>`;
}

/** @param {{profile: string, query: Record<string, string>, go: import("../router.js").Go, onResolved: () => void}} props */
function Reliability({ profile, query, go, onResolved }) {
  const model = query.model ?? "";
  const score = useLoad(
    (signal) => get("/confidence/brier-score", { days_back: DAYS, profile, model }, signal),
    [profile, model],
  );
  const status = useLoad((signal) => get("/confidence/phrase-status", { profile }, signal), [profile]);
  const [dry, setDry] = useState(/** @type {any} */ (null));
  const [asking, setAsking] = useState("");
  const [resolved, setResolved] = useState(/** @type {any} */ (null));
  const work = useAction(async (/** @type {string} */ what) => {
    if (what === "resolve") {
      setResolved(await call("POST", "/confidence/resolve", { query: { profile } }));
      onResolved();
    } else
      setDry({ profile, found: await call("POST", "/confidence/auto-tune", { query: { profile, dry_run: true } }) });
    score.reload();
  });
  const change = async () => {
    const query =
      asking === "tune" ? { profile, dry_run: false, expected_version: status.data?.version?.id } : { profile };
    await call("POST", asking === "tune" ? "/confidence/auto-tune" : "/confidence/auto-tune/rollback", { query });
    setDry(null);
    status.reload();
  };
  const shown = dry?.profile === profile ? dry.found : null;
  /** @type {any[]} */
  const bands = (score.data?.reliability_diagram_data.bands ?? []).filter((/** @type {any} */ band) => band.count > 0);
  /** @type {import("../parts.js").Column<any>[]} */
  const columns = [
    { label: "Confidence", cell: (band) => `${percent(band.min)} to ${percent(band.max)}` },
    { label: "n", number: true, cell: (band) => band.count },
    { label: "Shown", number: true, cell: (band) => percent(band.predicted_probability) },
    { label: "Was right", number: true, cell: (band) => percent(band.observed_frequency) },
    { label: "95 % interval", number: true, cell: (band) => between(band.interval) },
  ];
  return html`<h2>Does the confidence hold?</h2>
    <div class="options"><label><span>Of the model</span> <input value=${model} placeholder="all models" onChange=${(/** @type {any} */ event) => go([], { ...query, model: event.target.value.trim() }, { replace: true })} /></label></div>
    <${Trouble} problem=${score.problem ?? status.problem} again=${score.reload} />
    ${score.data && (bands.length ? html`<p>${counted(score.data.total_predictions, "outcome")} of the last ${DAYS} days.</p><${Picture} bands=${bands} /><${Table} caption="Reliability by bands of confidence" columns=${columns} rows=${bands} />` : html`<p>No outcome is known yet. Open advice and say whether it was right, or resolve it by the loaded tables.</p>`)}
    <div class="actions">
      <button type="button" disabled=${work.busy} onClick=${() => work.start("resolve")}>Resolve by the tables</button>
      <button type="button" disabled=${work.busy} onClick=${() => work.start("dry")}>Show what tuning would change</button>
      ${status.data?.version && html`<button type="button" class="danger" onClick=${() => setAsking("back")}>Roll back</button>`}
      <span class="soft">${status.data && `In force for ${plain(status.data.profile)}: ${status.data.version?.maps.length ? status.data.version.id : "no correction"}`}</span>
    </div>
    <${Trouble} problem=${work.problem && problemOf(work.problem)} />
    <div role="status">${resolved && html`<p>${resolved.right} right, ${resolved.wrong} wrong, ${resolved.void} void, ${resolved.pending} pending, ${resolved.failed.length} failed.</p>${resolved.failed.map((/** @type {any} */ each) => html`<${Notice} kind="warning">${plain(each.profile)}, ${each.response_ids.length} undecided: ${plain(each.reason)}<//>`)}`}
    ${shown && html`<${Notice}>${plain(shown.summary)} (${counted(shown.n, "outcome")}${shown.effect ? `; Brier score changes by ${shown.effect.brier_change.toFixed(3)}, ${shown.effect.low.toFixed(3)} to ${shown.effect.high.toFixed(3)}` : ""})<//>`}</div>
    ${shown?.candidate && html`<button type="button" class="strong" onClick=${() => setAsking("tune")}>Put the correction in force</button>`}
    ${
      asking &&
      html`<${Confirm} title=${asking === "tune" ? "Put this correction in force?" : "Go back to the version before?"} action=${asking === "tune" ? "Put in force" : "Roll back"} run=${change} onClose=${() => setAsking("")}>
      <p>${asking === "tune" ? plain(shown?.summary) : "Later advice is given with the earlier calibration. Advice already given stays as it is."}</p><//>`
    }`;
}
