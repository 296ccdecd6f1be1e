/** What changed between two texts, line by line. */
import { plain } from "./citations.js";
import { html } from "./vendor/preact.js";

/** @typedef {{kind: "same" | "added" | "removed", text: string}} Line */

/**
 * Returns the lines of both texts: the longest common subsequence is the same, the rest was removed or added.
 * @param {string} before
 * @param {string} after
 * @returns {Line[]}
 */
export function differences(before, after) {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1] + 1
          : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
  /** @type {Line[]} */
  const lines = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; )
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i++] });
      j++;
    } else if (j === b.length || (i < a.length && common[(i + 1) * width + j] >= common[i * width + j + 1]))
      lines.push({ kind: "removed", text: a[i++] });
    else lines.push({ kind: "added", text: b[j++] });
  return lines;
}

/** @param {{before: string, after: string}} props */
export const Differences = ({ before, after }) =>
  html`<div class="changes text" dir="auto">${differences(before, after).map(({ kind, text }) =>
    kind === "added"
      ? html`<ins>+ ${plain(text)}</ins>`
      : kind === "removed"
        ? html`<del>− ${plain(text)}</del>`
        : html`<div>${plain(text)} </div>`,
  )}</div>`;
