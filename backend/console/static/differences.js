/** What changed between two texts: line by line, or word by word. */
import { plain } from "./citations.js";
import { html } from "./vendor/preact.js";

/** @typedef {{kind: "same" | "added" | "removed", text: string}} Piece */

const MOST = 4_000_000; // pairs that are compared, a few of them megabytes of memory
const ALIKE = 0.3; // the share of two texts below which marks say less than the texts

/**
 * Returns the pieces of both texts: the longest common subsequence is the same, the rest was removed or added.
 * Texts too long for that are the same where they begin and end alike.
 * @param {readonly string[]} before
 * @param {readonly string[]} after
 * @returns {Piece[]}
 */
export function differences(before, after) {
  let [begin, a, b] = [0, before.length, after.length];
  while (begin < a && begin < b && before[begin] === after[begin]) begin++;
  while (a > begin && b > begin && before[a - 1] === after[b - 1]) [a, b] = [a - 1, b - 1];
  /** @type {(kind: Piece["kind"], texts: readonly string[]) => Piece[]} */
  const all = (kind, texts) => texts.map((text) => ({ kind, text }));
  const [old, now] = [before.slice(begin, a), after.slice(begin, b)];
  const between = old.length * now.length > MOST ? [...all("removed", old), ...all("added", now)] : compared(old, now);
  return [...all("same", before.slice(0, begin)), ...between, ...all("same", before.slice(a))];
}

/** @param {readonly string[]} a @param {readonly string[]} b */
function compared(a, b) {
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1] + 1
          : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
  /** @type {Piece[]} */
  const pieces = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; )
    if (i < a.length && j < b.length && a[i] === b[j]) {
      pieces.push({ kind: "same", text: a[i++] });
      j++;
    } else if (j === b.length || (i < a.length && common[(i + 1) * width + j] >= common[i * width + j + 1]))
      pieces.push({ kind: "removed", text: a[i++] });
    else pieces.push({ kind: "added", text: b[j++] });
  return pieces;
}

/** The lines around a change that are shown with it. */
const AROUND = 2;

/** @param {{before: string, after: string}} props */
export function Differences({ before, after }) {
  const lines = differences(before.split("\n"), after.split("\n"));
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some((each) => each.kind !== "same"),
  );
  return html`<div class="changes text" dir="auto">${lines.map(({ kind, text }, at) => {
    if (kind === "added") return html`<ins>+ ${plain(text)}</ins>`;
    if (kind === "removed") return html`<del>− ${plain(text)}</del>`;
    if (near[at]) return html`<div>${plain(text)} </div>`;
    return (near[at - 1] ?? true) && html`<div class="soft">… the same …</div>`;
  })}</div>`;
}

/** @param {string} text */
const words = (text) => text.match(/\s+|\S+/g) ?? [];

/**
 * The later text, with what was taken from the former one and what is new in it marked.
 * @param {{before: string, after: string}} props
 */
export function Rewording({ before, after }) {
  /** @type {Piece[]} */
  const runs = [];
  let same = 0;
  for (const { kind, text } of differences(words(before), words(after))) {
    if (kind === "same") same += text.length;
    const last = runs.at(-1);
    if (last?.kind === kind) last.text += text;
    else runs.push({ kind, text });
  }
  const alike = same >= ALIKE * Math.max(before.length, after.length);
  return html`<div class="text wording" dir="auto">${
    alike
      ? runs.map(({ kind, text }) =>
          kind === "same"
            ? plain(text)
            : kind === "added"
              ? html`<ins>${plain(text)}</ins>`
              : html`<del>${plain(text)}</del>`,
        )
      : plain(after)
  }</div>`;
}
