/**
 * Places of quotes and sentences. The server counts characters (code points), JavaScript UTF-16 units, of which
 * an emoji has two; everything that cuts a text by a span of the server's goes through here.
 */

/** @typedef {{start: number, end: number}} Span */
/** @typedef {{sentence: Span, span: Span | null, text: string, support: number, weak: boolean}} Quote */
/**
 * @typedef {object} Source
 * @property {number} number
 * @property {string} kind
 * @property {string} document
 * @property {string} document_id
 * @property {number} version_id
 * @property {string} title
 * @property {string} category
 * @property {string} section
 * @property {string} date
 * @property {number | null} page
 * @property {string | null} sql
 * @property {string | null} said
 * @property {Quote[]} quotes
 */

/**
 * Returns a function from a count of code points to a count of UTF-16 units; asked in rising order it walks
 * the text once.
 * @param {string} text
 * @returns {(points: number) => number}
 */
export function unitsOf(text) {
  if (!/[\ud800-\udbff]/.test(text)) return (points) => Math.min(points, text.length);
  let units = 0;
  let counted = 0;
  return (points) => {
    if (points < counted) units = counted = 0;
    for (; counted < points && units < text.length; counted++) units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
    return units;
  };
}

/**
 * Returns the spans in UTF-16 units, in their order.
 * @param {string} text
 * @param {readonly Span[]} spans
 * @returns {Span[]}
 */
export function inUnits(text, spans) {
  const units = unitsOf(text);
  const ends = [...new Set(spans.flatMap((span) => [span.start, span.end]))].sort((a, b) => a - b);
  const found = new Map(ends.map((points) => [points, units(points)]));
  return spans.map((span) => ({ start: found.get(span.start) ?? 0, end: found.get(span.end) ?? 0 }));
}

/**
 * Returns a text in pieces, each with the indices of the spans that cover it; spans may overlap.
 * @param {string} text
 * @param {readonly Span[]} spans in UTF-16 units
 * @param {number} [offset] of the text, in the text that the spans count in
 */
export function pieces(text, spans, offset = 0) {
  const end = offset + text.length;
  const touching = spans
    .map((span, index) => ({ ...span, index }))
    .filter((span) => span.start < end && span.end > offset);
  const cuts = new Set([offset, end]);
  for (const span of touching) for (const cut of [span.start, span.end]) if (cut > offset && cut < end) cuts.add(cut);
  const places = [...cuts].sort((a, b) => a - b);
  return places.slice(0, -1).map((start, place) => ({
    text: text.slice(start - offset, places[place + 1] - offset),
    start,
    covering: touching.filter((span) => span.start <= start && span.end >= places[place + 1]).map((span) => span.index),
  }));
}

/**
 * Returns every place that the sources of an answer are cited for: what arrow keys step through.
 * @param {readonly Source[]} sources
 */
export const citedPlaces = (sources) =>
  sources
    .flatMap((source) => source.quotes.map((quote, index) => ({ source, quote, index })))
    .sort((a, b) => a.quote.sentence.start - b.quote.sentence.start || a.source.number - b.source.number);

/**
 * Returns a text with what reorders or hides its characters spelled out.
 * @param {string | null | undefined} text
 */
export const plain = (text) =>
  (text ?? "").replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (found) => `⟨U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
