/**
 * Markdown as a Preact tree, without HTML: what looks like a tag is shown as it is written.
 *
 * Promises: nothing is loaded (an image is shown as a link); only http, https and mailto are links, so
 * `javascript:` is text; time and memory grow with the text; a piece of text knows its place in the source,
 * so that sentences and markers can be told in it.
 */
import { plain } from "./citations.js";
import { h } from "./vendor/preact.js";

/** @typedef {{text: string, start: number}} Line */
/** @typedef {import("./vendor/preact.js").ComponentChildren} Children */
/** @typedef {(text: string, start: number) => Children} Leaf draws a piece of text; `start` is in UTF-16 units */

const LONGEST = 100_000;
const DEEPEST = 8;
const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
const HEADING = /^( {0,3}#{1,6})(?:[ \t]+(.*?))?[ \t]*#*$/;
const RULE = /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])( {1,4}|$)/;
const TABLE = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/**
 * Returns the tree of a text.
 * @param {string} text
 * @param {Leaf} [leaf]
 */
export function markdown(text, leaf = (piece) => plain(piece)) {
  if (text.length > LONGEST) return h("pre", null, leaf(text.slice(0, 20 * LONGEST), 0));
  let start = 0;
  const lines = text.split("\n").map((line) => {
    const found = { text: line.replace(/\r$/, ""), start };
    start += line.length + 1;
    return found;
  });
  return blocks(lines, leaf, 0);
}

/**
 * @param {Line} line
 * @param {number} count
 */
const cut = (line, count) => ({ text: line.text.slice(count), start: line.start + Math.min(count, line.text.length) });

/** @param {Line} line */
const blank = (line) => !line.text.trim();

/** @param {string} text */
const begins = (text) =>
  FENCE.test(text) || HEADING.test(text) || RULE.test(text) || QUOTE.test(text) || ITEM.test(text);

/**
 * @param {Line[]} lines
 * @param {Leaf} leaf
 * @param {number} depth
 * @returns {Children[]}
 */
function blocks(lines, leaf, depth) {
  /** @type {Children[]} */
  const found = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    let end = at + 1;
    if (blank(line)) {
      at++;
      continue;
    }
    const fence = FENCE.exec(line.text);
    const heading = HEADING.exec(line.text);
    if (fence) {
      const close = new RegExp(`^ {0,3}${fence[1][0]}{${fence[1].length},}[ \\t]*$`);
      while (end < lines.length && !close.test(lines[end].text)) end++;
      const code = lines.slice(at + 1, end).map((each) => each.text);
      found.push(h("pre", null, h("code", null, plain(code.join("\n")))));
      end++;
    } else if (heading) {
      const level = Math.min(6, heading[1].trim().length + 2);
      const from = heading[2] ? line.text.indexOf(heading[2], heading[1].length) : line.text.length;
      found.push(h(`h${level}`, null, inline([{ text: heading[2] ?? "", start: line.start + from }], leaf)));
    } else if (RULE.test(line.text)) {
      found.push(h("hr", null));
    } else if (QUOTE.test(line.text) && depth < DEEPEST) {
      while (end < lines.length && QUOTE.test(lines[end].text)) end++;
      const inner = lines.slice(at, end).map((each) => cut(each, QUOTE.exec(each.text)?.[0].length ?? 0));
      found.push(h("blockquote", null, blocks(inner, leaf, depth + 1)));
    } else if (ITEM.test(line.text) && depth < DEEPEST) {
      const list = items(lines, at, leaf, depth);
      found.push(list.tree);
      end = list.end;
    } else if (line.text.includes("|") && lines[end]?.text.includes("-") && TABLE.test(lines[end].text)) {
      end++;
      while (end < lines.length && lines[end].text.includes("|")) end++;
      const rows = [line, ...lines.slice(at + 2, end)].map((each) => cells(each).map((cell) => inline([cell], leaf)));
      found.push(
        h(
          "div",
          { class: "scroll", tabIndex: 0, role: "group", "aria-label": "Table" },
          h(
            "table",
            null,
            h(
              "thead",
              null,
              h(
                "tr",
                null,
                rows[0].map((cell) => h("th", { scope: "col" }, cell)),
              ),
            ),
            h(
              "tbody",
              null,
              rows.slice(1).map((row) =>
                h(
                  "tr",
                  null,
                  row.map((cell) => h("td", null, cell)),
                ),
              ),
            ),
          ),
        ),
      );
    } else {
      while (end < lines.length && !blank(lines[end]) && !begins(lines[end].text)) end++;
      const run = lines.slice(at, end).map((each) => cut(each, each.text.length - each.text.trimStart().length));
      found.push(h("p", null, inline(run, leaf)));
    }
    at = end;
  }
  return found;
}

/**
 * @param {Line[]} lines
 * @param {number} at
 * @param {Leaf} leaf
 * @param {number} depth
 */
function items(lines, at, leaf, depth) {
  const first = /** @type {RegExpExecArray} */ (ITEM.exec(lines[at].text));
  const numbered = /\d/.test(first[2]);
  /** @type {Children[]} */
  const found = [];
  let end = at;
  let loose = false;
  while (end < lines.length) {
    const mark = ITEM.exec(lines[end].text);
    if (!mark || /\d/.test(mark[2]) !== numbered || Math.abs(mark[1].length - first[1].length) > 1) break;
    const width = mark[0].length;
    const inner = [cut(lines[end++], width)];
    while (end < lines.length) {
      const next = lines[end];
      const indent = next.text.length - next.text.trimStart().length;
      if (blank(next)) {
        if (lines[end + 1] === undefined || blank(lines[end + 1]) || lines[end + 1].text.search(/\S/) < 2) break;
      } else if (indent < 2 && (begins(next.text) || blank(lines[end - 1]))) break;
      inner.push(cut(next, Math.min(indent, width)));
      end++;
    }
    const tree = blocks(inner, leaf, depth + 1);
    while (end < lines.length && blank(lines[end]) && lines[end + 1] && ITEM.test(lines[end + 1].text)) {
      loose = true;
      end++;
    }
    found.push(h("li", null, tree));
  }
  const props = { class: loose ? undefined : "tight", start: numbered ? Number.parseInt(first[2], 10) : undefined };
  return { tree: h(numbered ? "ol" : "ul", props, found), end: Math.max(end, at + 1) };
}

/**
 * Returns the cells of a row of a table, each with its place.
 * @param {Line} line
 */
function cells(line) {
  /** @type {Line[]} */
  const found = [];
  let start = 0;
  for (let at = 0; at <= line.text.length; at++) {
    if (at < line.text.length && (line.text[at] !== "|" || line.text[at - 1] === "\\")) continue;
    const cell = line.text.slice(start, at);
    const indent = cell.length - cell.trimStart().length;
    const edge = !cell.trim() && (start === 0 || at === line.text.length);
    if (!edge) found.push({ text: cell.trim(), start: line.start + start + indent });
    start = at + 1;
  }
  return found;
}

const SPECIAL = /[\\`*_~[!<&\n]|https?:\/\//g;
const LINK = /^(?:https?:\/\/|mailto:)/i;
const ENTITIES = /** @type {Record<string, string>} */ ({
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&quot;": '"',
  "&#39;": "'",
});

/**
 * Returns the tree of lines that follow each other.
 * @param {Line[]} run
 * @param {Leaf} leaf
 */
function inline(run, leaf) {
  const content = run.map((line) => line.text).join("\n");
  /** @type {number[]} */
  const begun = [];
  let length = 0;
  for (const line of run) {
    begun.push(length);
    length += line.text.length + 1;
  }
  /** @type {Record<string, boolean>} */
  const missing = {};

  /** @param {string} closer @param {number} from @param {number} to */
  function find(closer, from, to) {
    if (missing[closer]) return -1;
    const found = content.indexOf(closer, from);
    if (found < 0) missing[closer] = true;
    return found >= 0 && found + closer.length <= to ? found : -1;
  }

  /** @param {number} from @param {number} to @returns {Children} */
  function text(from, to) {
    let row = begun.length - 1;
    while (row > 0 && begun[row] > from) row--;
    return from < to ? leaf(content.slice(from, to), run[row].start + from - begun[row]) : null;
  }

  /** @param {number} from @param {number} to @param {number} depth @returns {Children[]} */
  function parse(from, to, depth) {
    /** @type {Children[]} */
    const out = [];
    let done = from;
    let at = from;
    /** @param {number} end @param {Children} node */
    const put = (end, node) => {
      out.push(text(done, at), node);
      done = at = end;
    };
    while (at < to) {
      SPECIAL.lastIndex = at;
      const special = SPECIAL.exec(content);
      if (!special || special.index >= to) break;
      at = special.index;
      const here = special[0];
      const next = content[at + 1] ?? "";
      if (here === "\n") {
        const hard = content.slice(done, at).endsWith("  ");
        put(at + 1, hard ? h("br", null) : "\n");
      } else if (here === "\\") {
        if (/[!-/:-@[-`{-~]/.test(next)) {
          const start = at + 1;
          put(start + 1, null);
          out.push(text(start, start + 1));
        } else at++;
      } else if (here === "&") {
        const entity = /^&(?:lt|gt|amp|quot|#39);/.exec(content.slice(at, at + 6))?.[0];
        if (entity) put(at + entity.length, ENTITIES[entity]);
        else at++;
      } else if (here === "`") {
        const ticks = /^`+/.exec(content.slice(at, at + 50))?.[0] ?? here;
        const close = find(ticks, at + ticks.length, to);
        if (close > 0)
          put(
            close + ticks.length,
            h("code", null, plain(content.slice(at + ticks.length, close).replace(/\n/g, " "))),
          );
        else at += ticks.length;
      } else if (here === "[" || here === "!") {
        const link = (here === "[" || next === "[") && linked(here === "!" ? at + 1 : at, to);
        if (link)
          put(
            link.end,
            anchor(
              link.target,
              depth < DEEPEST ? parse(link.from, link.to, depth + 1) : [text(link.from, link.to)],
              here === "!",
            ),
          );
        else at++;
      } else if (here === "<" || here.startsWith("http")) {
        const auto = here === "<" ? /^<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/i : /^(https?:\/\/[^\s<>"]{1,2000})/;
        const found = auto.exec(content.slice(at, Math.min(to, at + 2010)));
        const target = found?.[1].replace(here === "<" ? /$^/ : /[.,;:!?'*_~)\]]+$/, "");
        if (found && target)
          put(at + (here === "<" ? found[0].length : target.length), anchor(target, [plain(target)]));
        else at++;
      } else {
        const mark = next === here ? here + here : here;
        const close = depth < DEEPEST && opens(mark, at) ? closing(mark, at + mark.length, to) : -1;
        if (close > 0) {
          const name = mark[0] === "~" ? "del" : mark.length === 2 ? "strong" : "em";
          put(close + mark.length, h(name, null, parse(at + mark.length, close, depth + 1)));
        } else at += mark.length;
      }
    }
    at = to;
    out.push(text(done, to));
    return out;
  }

  /** @param {string} mark @param {number} at */
  function opens(mark, at) {
    const inWord = mark[0] === "_" && /\w/.test(content[at - 1] ?? "");
    return mark !== "~" && !inWord && /\S/.test(content[at + mark.length] ?? "");
  }

  /** @param {string} mark @param {number} from @param {number} to */
  function closing(mark, from, to) {
    for (let tries = 0, at = find(mark, from, to); at > 0 && tries < 20; tries++, at = find(mark, at + 1, to)) {
      const alone = mark.length === 2 || (content[at + 1] !== mark && content[at - 1] !== mark);
      const wordGoesOn = mark[0] === "_" && /\w/.test(content[at + mark.length] ?? "");
      if (alone && !wordGoesOn && at > from && /\S/.test(content[at - 1])) return at;
    }
    return -1;
  }

  /** @param {number} at @param {number} to */
  function linked(at, to) {
    if (/^\[\d{1,4}\]/.test(content.slice(at, at + 6))) return null; // a marker
    let open = 0;
    for (let end = at; end < Math.min(to, at + 1000); end++) {
      if (content[end] === "[") open++;
      if (content[end] !== "]" || --open) continue;
      const target = /^\(\s*<?([^\s<>()]{1,2000})>?(?:\s+"[^"\n]*")?\s*\)/.exec(
        content.slice(end + 1, Math.min(to, end + 2100)),
      );
      return target && LINK.test(target[1])
        ? { from: at + 1, to: end, target: target[1], end: end + 1 + target[0].length }
        : null;
    }
    return null;
  }

  return parse(0, content.length, 0);
}

/**
 * @param {string} target
 * @param {Children} children
 * @param {boolean} [image]
 */
const anchor = (target, children, image = false) =>
  h(
    "a",
    { href: target, target: "_blank", rel: "noopener noreferrer", title: plain(target) },
    children,
    image ? " (image)" : null,
  );
