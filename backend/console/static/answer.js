/** The text of an answer: Markdown with its markers as chips, and its sentences as ways to their sources. */
import { inUnits, pieces, plain } from "./citations.js";
import { markdown } from "./markdown.js";
import { html, useMemo } from "./vendor/preact.js";

/** @typedef {{number: number, quote: number}} Cited a source, and which of its quotes */

export const OUTCOMES = /** @type {Record<string, string>} */ ({
  answered: "Answered from sources",
  tentative: "May not hold",
  not_found: "Not found",
  refused: "Declined",
  conflict: "The sources contradict each other",
  clarification: "Asks what is meant",
  smalltalk: "No source needed",
  unsourced: "Not everything here rests on a source, and what does not was not verified",
  interrupted: "Stopped before it could be verified",
});

/**
 * @param {{text: string, sources: readonly import("./citations.js").Source[], active: Cited | null, onCite: (cited: Cited) => void}} props
 */
export function AnswerText({ text, sources, active, onCite }) {
  const places = useMemo(() => {
    const cited = sources.flatMap((source) =>
      source.quotes.map((quote, index) => ({ number: source.number, quote: index, sentence: quote.sentence })),
    );
    const spans = inUnits(
      text,
      cited.map((each) => each.sentence),
    );
    return { cited, spans };
  }, [text, sources]);
  const named = new Map(sources.map((source) => [String(source.number), source]));

  /**
   * The quote that a marker at this place stands for: of the last sentence of its source that begins before it,
   * since a marker may stand behind its sentence.
   * @param {number} number @param {number} at
   */
  const cited = (number, at) => {
    const found = places.cited.findLast((each, place) => each.number === number && places.spans[place].start < at);
    return { number, quote: found?.quote ?? 0 };
  };

  /** @param {string} piece @param {number} start */
  const marked = (piece, start) => {
    let end = start;
    return piece.split(/(\[\d{1,4}\])/).map((part) => {
      end += part.length;
      const source = part.startsWith("[") ? named.get(part.slice(1, -1)) : undefined;
      if (!source) return plain(part);
      const here = cited(source.number, end - part.length);
      const on = active?.number === here.number && active.quote === here.quote;
      const weak = source.quotes[here.quote]?.weak;
      return html`<button type="button" class="chip ${on ? "on" : ""} ${weak ? "weak" : ""}" aria-pressed=${on}
        aria-label="Source ${source.number}: ${plain(source.title || source.document)}${weak ? ", weak" : ""}" title=${plain(source.title || source.document)}
        onClick=${() => onCite(here)}>${source.number}</button>`;
    });
  };

  /** @param {string} piece @param {number} start */
  const leaf = (piece, start) =>
    pieces(piece, places.spans, start).map(({ text: part, start: at, covering }) => {
      const all = covering.map((index) => places.cited[index]);
      const inside = marked(part, at);
      if (!all.length) return inside;
      const on = all.some((each) => each.number === active?.number && each.quote === active.quote);
      return html`<span class="sentence ${on ? "on" : ""}" onClick=${(/** @type {any} */ event) => event.target.closest("button, a") || onCite(all[0])}>${inside}</span>`;
    });

  return html`<div class="prose" dir="auto">${useMemo(() => markdown(text, leaf), [text, places, active?.number, active?.quote])}</div>`;
}
