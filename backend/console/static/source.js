/**
 * The pane of a source: the stored version of a document that an answer cites, with the cited characters lit and
 * in view. Of a long document the part around them is drawn, and more on request.
 */
import { get, useLoad } from "./api.js";
import { inUnits, pieces, plain } from "./citations.js";
import { Notice, Trouble } from "./parts.js";
import { href } from "./router.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./vendor/preact.js";

/** @typedef {import("./citations.js").Source} Source */

const WHOLE = 60_000;
const AROUND = 15_000;

/**
 * @param {{source: Source, quote: number, onClose: () => void, step?: (by: number) => void, place?: string}} props
 * `quote` is the index of the one in view; `step` goes to the next cited place, `place` says which this is.
 */
export function SourcePane({ source, quote, onClose, step, place }) {
  const lit = source.quotes[quote];
  return html`<aside class="source" aria-label="Source ${source.number}">
    <header>
      <div class="row"><span class="chip on">${source.number}</span><h2>${plain(source.title || source.document)}</h2>
        <button type="button" class="quiet" onClick=${onClose}>Close</button></div>
      <dl class="facts">
        ${source.section && html`<div><dt>Section</dt><dd>${plain(source.section)}</dd></div>`}
        ${source.said ? html`<div><dt>Said</dt><dd>${plain(source.said)}</dd></div>` : html`<div><dt>Date</dt><dd>${source.date}</dd></div>`}
        ${source.page && html`<div><dt>Page</dt><dd>${source.page}</dd></div>`}
        ${!source.said && html`<div><dt>Document</dt><dd>${plain(source.document)}</dd></div>`}
        ${source.kind === "passage" && html`<div><dt>Version</dt><dd>${source.version_id}</dd></div>`}
      </dl>
      ${
        step &&
        html`<div class="row"><button type="button" class="quiet" onClick=${() => step(-1)}>Previous place</button>
        <span class="soft">${place}</span><button type="button" class="quiet" onClick=${() => step(1)}>Next place</button></div>`
      }
      ${lit?.weak && html`<${Notice} kind="warning">Weak: these words cover only ${Math.round(lit.support * 100)} % of the sentence.<//>`}
    </header>
    ${source.kind === "passage" ? html`<${Version} key=${`${source.document_id} ${source.version_id}`} source=${source} quote=${quote} />` : html`<${Said} source=${source} quote=${quote} />`}
  </aside>`;
}

/** @param {{source: Source, quote: number}} props */
function Version({ source, quote }) {
  const path = `/knowledge/documents/${encodeURIComponent(source.document_id)}`;
  const cited = useLoad((signal) => get(path, { include: "text", version_id: source.version_id }, signal), []);
  const current = useLoad((signal) => get(path, {}, signal), []);
  if (cited.problem?.status === 404)
    return html`<${Notice} kind="warning">This document was removed since. What the answer quotes is kept with it:<//><${Said} source=${source} quote=${quote} />`;
  if (cited.problem) return html`<${Trouble} problem=${cited.problem} again=${cited.reload} />`;
  if (!cited.data) return html`<p class="soft">Loading the document …</p>`;
  const isOld = current.data && current.data.version_id !== source.version_id;
  const spans = source.quotes.map((each) => each.span ?? { start: 0, end: 0 });
  return html`${isOld && html`<${Notice}>The answer cites this version. A later one, of ${current.data.updated ?? current.data.date}, is in force.<//>`}
    <${Text} text=${cited.data.text} spans=${spans} quote=${quote} />`;
}

/**
 * A text with some of its characters lit.
 * @param {{text: string, spans: import("./citations.js").Span[], quote: number}} props
 */
export function Text({ text, spans, quote }) {
  const pane = useRef(/** @type {HTMLElement | null} */ (null));
  const marks = useMemo(() => inUnits(text, spans), [text, spans.map((span) => `${span.start}-${span.end}`).join()]);
  const focus = marks[quote] ?? { start: 0, end: 0 };
  const all = text.length <= WHOLE;
  const [more, setMore] = useState(0);
  const from = all ? 0 : Math.max(0, lineBefore(text, focus.start - AROUND * (1 + more)));
  const to = all ? text.length : Math.min(text.length, focus.end + AROUND * (1 + more));
  useLayoutEffect(() => {
    const box = pane.current;
    const mark = /** @type {HTMLElement | null | undefined} */ (box?.querySelector(".active"));
    if (box && mark) box.scrollTop = mark.offsetTop - box.clientHeight / 3;
  }, [text, focus.start, focus.end]);
  const grow = html`<button type="button" class="quiet" onClick=${() => setMore(more + 1)}>Show more of the document</button>`;
  return html`<div class="paper" ref=${pane} tabindex="0" role="group" aria-label="Text of the document">
    ${from > 0 && grow}
    <div class="text" dir="auto">${pieces(text.slice(from, to), marks, from).map(({ text: piece, start, covering }) =>
      covering.length
        ? html`<mark class=${covering.includes(quote) ? "active" : ""}>${plain(piece)}</mark>`
        : headed(piece, start === 0 || text[start - 1] === "\n"),
    )}</div>
    ${to < text.length && grow}
  </div>`;
}

/**
 * Returns a text with its headings in bold.
 * @param {string} text
 * @param {boolean} atLine whether it begins a line
 */
function headed(text, atLine) {
  return plain(text)
    .split(/^(#{1,6} .*)$/m)
    .map((part, place) => (place % 2 && (atLine || place > 1 || part !== text) ? html`<b>${part}</b>` : part));
}

/**
 * @param {string} text
 * @param {number} at
 */
const lineBefore = (text, at) => {
  const found = text.lastIndexOf("\n", at);
  return at - found < 2000 ? found + 1 : at;
};

/**
 * What cannot be opened as a document: rows of a query, a message, a page of the web.
 * @param {{source: Source, quote: number}} props
 */
function Said({ source, quote }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => box.current?.querySelector(".active")?.scrollIntoView({ block: "nearest" }), [quote]);
  const texts = [...new Set(source.quotes.map((each) => each.text))];
  const active = source.quotes[quote]?.text;
  return html`<div class="paper" ref=${box} tabindex="0" role="group" aria-label="Quoted text">
    ${source.sql && html`<h3>Query</h3><pre>${plain(source.sql)}</pre><h3>Rows</h3>`}
    ${texts.map((text) => html`<blockquote class="text" dir="auto">${text ? html`<mark class=${text === active ? "active" : ""}>${plain(text)}</mark>` : "Not quoted: it gives orders to an assistant."}</blockquote>`)}
    ${source.said && html`<p><a href=${href("ask", [source.document])}>Open the conversation</a></p>`}
  </div>`;
}
