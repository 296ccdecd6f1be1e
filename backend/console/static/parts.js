/** Ready parts of pages. Each needs nothing but what it is given; their style is in `console.css`. */
import { useLoad } from "./api.js";
import { plain } from "./citations.js";
import { html, useEffect, useRef, useState } from "./vendor/preact.js";

/** @typedef {import("./vendor/preact.js").ComponentChildren} Children */

/**
 * What a page shows where it has nothing: what it is for, and what to do.
 * @param {{title: string, children?: Children, command?: string}} props
 */
export const Empty = ({ title, children, command }) =>
  html`<div class="empty"><h2>${title}</h2>${children}${command && html`<${Copy} text=${command} />`}</div>`;

/** The states of a job. */
export const STATES = /** @type {Record<string, string>} */ ({
  pending: "not begun",
  queued: "waiting for its turn",
  running: "under way",
  interrupted: "broken off",
  completed: "done",
  cancelled: "stopped",
  stopped: "stopped at its budget",
  failed: "could not be prepared",
});

/** @param {{kind?: "note" | "warning" | "good", children?: Children}} props */
export const Notice = ({ kind = "note", children }) => html`<p class="notice ${kind}">${children}</p>`;

/**
 * An error in the server's words, with what to do.
 * @param {{problem: import("./api.js").Problem | {detail: string, hint: string, code: string} | null, again?: () => void}} props
 */
export const Trouble = ({ problem, again }) =>
  problem &&
  html`<div class="notice trouble" role="alert">
    <p><strong>${plain(problem.detail)}</strong> ${plain(problem.hint)} ${problem.code && html`<code>${problem.code}</code>`}</p>
    ${again && html`<button type="button" onClick=${again}>Try again</button>`}
  </div>`;

/**
 * A component of a module that is loaded where it is shown.
 * @param {() => Promise<Record<string, any>>} load
 * @param {string} name
 */
export function later(load, name) {
  return (/** @type {any} */ props) => {
    const { data, problem } = useLoad(load, []);
    return data ? html`<${data[name]} ...${props} />` : html`<${Trouble} problem=${problem} />`;
  };
}

/**
 * @template Row
 * @typedef {{label: string, cell: (row: Row) => Children, number?: boolean}} Column
 */
/**
 * @template Row
 * @param {{caption: string, columns: readonly Column<Row>[], rows: readonly Row[], keyOf?: (row: Row) => string}} props
 */
export const Table = ({ caption, columns, rows, keyOf }) =>
  html`<div class="scroll" tabindex="0" role="group" aria-label=${caption}><table class="rows">
    <caption class="unseen">${caption}</caption>
    <thead><tr>${columns.map((column) => html`<th scope="col" class=${column.number ? "number" : ""}>${column.label}</th>`)}</tr></thead>
    <tbody>${rows.map(
      (row, place) => html`<tr key=${keyOf?.(row) ?? place}>
      ${columns.map((column) => html`<td class=${column.number ? "number" : ""} data-label=${column.label}>${column.cell(row)}</td>`)}
    </tr>`,
    )}</tbody>
  </table></div>`;

/**
 * @param {{title: string, onClose: () => void, children?: Children}} props
 */
export function Dialog({ title, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => dialog.current?.showModal(), []);
  return html`<dialog ref=${dialog} onClose=${onClose} aria-label=${title}>
    <header><h2>${title}</h2><button type="button" class="quiet" onClick=${onClose}>Close</button></header>
    ${children}
  </dialog>`;
}

/**
 * Asks before something is done that cannot be undone.
 * @param {{title: string, action: string, run: () => Promise<unknown>, onClose: () => void, onDone?: () => void, children?: Children}} props
 */
export function Confirm({ title, action, run, onClose, onDone = onClose, children }) {
  const { busy, problem, start } = useAction(run, onDone);
  return html`<${Dialog} title=${title} onClose=${onClose}>${children}<${Trouble} problem=${problem} />
    <div class="row end"><button type="button" onClick=${onClose}>Keep</button>
    <button type="button" class="danger" disabled=${busy} onClick=${start}>${action}</button></div><//>`;
}

/**
 * Work that a button starts: once at a time, with its problem.
 * @template {unknown[]} Given
 * @param {(...given: Given) => Promise<unknown>} run
 * @param {() => void} [done]
 */
export function useAction(run, done) {
  const [state, setState] = useState(/** @type {{busy: boolean, problem: any}} */ ({ busy: false, problem: null }));
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  /** @param {Given} given */
  const start = async (...given) => {
    setState({ busy: true, problem: null });
    try {
      await run(...given);
      if (here.current) setState({ busy: false, problem: null });
      done?.();
    } catch (problem) {
      if (here.current) setState({ busy: false, problem });
    }
  };
  return { ...state, start };
}

/** @param {{label: string, value?: number, max?: number}} props without a value: it goes on, nobody knows how long */
export const Progress = ({ label, value, max = 1 }) =>
  html`<label class="progress"><span>${label}</span><progress value=${value} max=${max}></progress></label>`;

/** An amount in digits, however small: never `1e-7`. @param {number} amount */
export const inDigits = (amount) => amount.toLocaleString("en", { maximumSignificantDigits: 15, useGrouping: false });

/** @param {{cost: string | number | null | undefined}} props in US dollars */
export const Money = ({ cost }) =>
  cost === null || cost === undefined
    ? html`<span class="soft">not known</span>`
    : html`<span class="figure">$${Number(cost) === 0 ? "0" : Number(cost).toFixed(Number(cost) < 0.001 ? 6 : 4)}</span>`;

/** @param {number | null | undefined} share */
export const percent = (share) => (share === null || share === undefined ? "–" : `${Math.round(share * 100)} %`);

/** @param {[number, number] | null} interval */
export const between = (interval) => (interval ? `${percent(interval[0])} to ${percent(interval[1])}` : "–");

/** @param {{ms: number | null | undefined}} props */
export const Duration = ({ ms }) =>
  html`<span class="figure">${ms === null || ms === undefined ? "not known" : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`}</span>`;

/** @param {{at: string | null | undefined}} props */
export function Moment({ at }) {
  if (!at) return html`<span class="soft">never</span>`;
  const moment = new Date(at);
  return html`<time datetime=${at} title=${moment.toLocaleString()}>${spoken(moment, new Date())}</time>`;
}

/**
 * @param {Date} moment
 * @param {Date} now
 */
export function spoken(moment, now) {
  const time = `${moment.getHours()}:${String(moment.getMinutes()).padStart(2, "0")}`;
  const day = new Date(moment).setHours(0, 0, 0, 0);
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - day) / 86_400_000);
  if (days === 0) return time;
  if (days === 1) return `yesterday ${time}`;
  return `${moment.getFullYear()}-${String(moment.getMonth() + 1).padStart(2, "0")}-${String(moment.getDate()).padStart(2, "0")}`;
}

/**
 * @param {number | null | undefined} count
 * @param {string} thing
 */
export const counted = (count, thing) => `${count?.toLocaleString("en") ?? "no"} ${thing}${count === 1 ? "" : "s"}`;

/**
 * A command, or another text to copy.
 * @param {{text: string, label?: string}} props
 */
export function Copy({ text, label = "Copy" }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return html`<span class="copy"><code>${text}</code> <button type="button" class="quiet" onClick=${copy}>${copied ? "Copied" : label}</button></span>`;
}

/**
 * What would have been right: asked after an answer was marked as wrong. `before` was said until now.
 * @param {{judge: (said: object) => Promise<unknown>, before?: any, onDone: () => void}} props
 */
export function Correction({ judge, before, onDone }) {
  const [said, setSaid] = useState({
    expected: before?.expected ?? "",
    expected_document: before?.expected_document ?? "",
    feedback_notes: before?.feedback_notes ?? "",
  });
  const save = useAction(
    () =>
      judge({
        feedback: "wrong",
        ...Object.fromEntries(Object.entries(said).filter(([, text]) => text.trim())),
      }),
    onDone,
  );
  /** @param {string} name */
  const input = (name) => (/** @type {any} */ event) => setSaid({ ...said, [name]: event.target.value });
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    save.start();
  };
  return html`<form class="correction" onSubmit=${submit}>
    <p>Marked as wrong. What would be right? (You can leave this out.)</p>
    <label>The right answer <textarea rows="2" value=${said.expected} onInput=${input("expected")}></textarea></label>
    <label>The document that has it <input value=${said.expected_document} onInput=${input("expected_document")} /></label>
    <label>What went wrong <input value=${said.feedback_notes} onInput=${input("feedback_notes")} /></label>
    <${Trouble} problem=${save.problem} />
    <div class="row end"><button type="button" class="quiet" onClick=${onDone}>Not now</button><button type="submit" class="strong" disabled=${save.busy}>Save</button></div>
  </form>`;
}
