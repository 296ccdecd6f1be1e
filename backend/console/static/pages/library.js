/** Library: what answers rest on. Documents, files to add, why a passage is found, tables and SQL. */
import { call, get, upload, useLoad } from "../api.js";
import { plain } from "../citations.js";
import { Confirm, counted, Empty, Notice, Progress, Table, Trouble, useAction } from "../parts.js";
import { href } from "../router.js";
import { Text } from "../source.js";
import { html, useEffect, useState } from "../vendor/preact.js";

const PAGE = 50;
const PARTS = /** @type {Record<string, string>} */ ({ documents: "Documents", search: "Search", tables: "Tables" });

export default {
  title: "Library",
  command: (/** @type {readonly string[]} */ [part], /** @type {import("../router.js").Query} */ { q, sql }) => {
    const word = (/** @type {string} */ said) => `'${plain(said).replaceAll("'", "'\\''")}'`;
    return (
      { search: `candor search ${word(q ?? "…")} --explain`, tables: `candor sql ${word(sql ?? "SELECT …")}` }[part] ??
      "candor documents"
    );
  },
  View: Library,
};

/** @param {import("../router.js").Place} place */
function Library({ params, query, go }) {
  const part = params[0] ?? "documents";
  return html`<div class="page">
    <h1>Library</h1>
    <nav class="row" aria-label="Parts of the library">${Object.entries(PARTS).map(
      ([name, label]) =>
        html`<a class="button" href=${href("library", [name])} aria-current=${name === part ? "page" : undefined}>${label}</a>`,
    )}</nav>
    ${
      part === "search"
        ? html`<${Search} query=${query} go=${go} />`
        : part === "tables"
          ? html`<${Tables} query=${query} go=${go} />`
          : params[1]
            ? html`<${Document} key=${params[1]} id=${params[1]} query=${query} go=${go} />`
            : html`<${Documents} query=${query} go=${go} />`
    }
  </div>`;
}

/** @param {{query: import("../router.js").Query, go: import("../router.js").Go}} props */
function Documents({ query, go }) {
  const offset = Number(query.offset) || 0;
  const wanted = { category: query.category, offset, limit: PAGE };
  const list = useLoad((signal) => get("/knowledge/documents", wanted, signal), [query.category, offset]);
  const categories = useLoad((signal) => get("/knowledge/categories", {}, signal), [list.data]);
  const cited = useLoad((signal) => get("/answers/summary", { listed: 1000 }, signal), []);
  const rows = list.data?.documents ?? [];
  const growing = rows.some((/** @type {any} */ row) => row.state === "embedding");
  useEffect(() => {
    const timer = growing ? setTimeout(list.reload, 2000) : 0;
    return () => clearTimeout(timer);
  }, [growing, list.data]);
  const columns = [
    {
      label: "Document",
      cell: (/** @type {any} */ row) =>
        html`<a href=${href("library", ["documents", row.id])}>${plain(row.title)}</a><br /><small>${plain(row.name)}</small>`,
    },
    { label: "Category", cell: (/** @type {any} */ row) => plain(row.category) },
    { label: "Date", cell: (/** @type {any} */ row) => row.updated },
    { label: "Versions", number: true, cell: (/** @type {any} */ row) => row.versions },
    {
      label: "Passages",
      number: true,
      cell: (/** @type {any} */ row) =>
        row.state === "embedding" ? `${row.vectors} of ${row.passages}` : row.passages,
    },
    {
      label: "Cited",
      number: true,
      cell: (/** @type {any} */ row) => html`<${Cited} row=${row} totals=${cited.data} />`,
    },
  ];
  return html`<${Adding} onStored=${list.reload} />
    <label>Category <select value=${query.category ?? ""} onChange=${(/** @type {any} */ event) => go(["documents"], { category: event.target.value })}>
      <option value="">all</option>
      ${Object.entries(categories.data?.categories ?? {}).map(([name, count]) => html`<option value=${name}>${plain(name)} (${String(count)})</option>`)}
    </select></label>
    <${Trouble} problem=${list.problem} again=${list.reload} />
    ${growing && html`<${Notice}>New documents are found by their words already, and by their meaning once they have vectors. Where none come, <a href=${href("settings")}>Settings</a> says why.<//>`}
    ${
      list.data && !rows.length
        ? html`<${Empty} title="No documents" command="candor ingest ~/handbook"><p>Drop files above, or store a folder in a terminal.</p><//>`
        : html`<${Table} caption="Documents" columns=${columns} rows=${rows} keyOf=${(/** @type {any} */ row) => row.id} />`
    }
    <div class="row">
      ${offset > 0 && html`<button type="button" onClick=${() => go(["documents"], { ...query, offset: String(Math.max(0, offset - PAGE)) })}>Earlier</button>`}
      ${list.data?.next_offset && html`<button type="button" onClick=${() => go(["documents"], { ...query, offset: String(list.data?.next_offset) })}>More</button>`}
    </div>`;
}

/** @param {{row: any, totals: any}} props the answers that cite a document: only the first thousand are counted */
function Cited({ row, totals }) {
  const found = totals?.cited.find((/** @type {any} */ each) => each.document_id === row.id);
  if (found) return html`<a href=${href("answers", [], { document: row.id })}>${found.answers}</a>`;
  return totals && totals.cited.length === totals.documents_cited ? "0" : "";
}

/** @typedef {{file: File, path: string[]}} Placed */
/**
 * The name of a file says its folders: files of one name in two folders are two documents.
 * @param {Placed} placed
 */
const named = ({ file, path }) => ({ file, name: path.join(" - ") });
/** @param {Placed} placed whether it was chosen itself, or nothing below the chosen folder is hidden on its path */
const seen = ({ path }) => !path.slice(1).some((part) => part.startsWith("."));

/**
 * Returns the files of what was dropped, with those of its folders.
 * @param {FileSystemEntry} entry
 * @param {string[]} above
 * @returns {Promise<{name: string, file: File}[]>}
 */
async function filesIn(entry, above) {
  const path = [...above, entry.name];
  if (entry.isFile) {
    /** @type {File} */
    const file = await new Promise((done, failed) => /** @type {FileSystemFileEntry} */ (entry).file(done, failed));
    return [{ file, path }].filter(seen).map(named);
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const each of some) found.push(...(await filesIn(each, path)));
  }
}

/**
 * Stores files one after the other: text at once, vectors afterwards.
 * @param {{onStored: () => void}} props
 */
function Adding({ onStored }) {
  const [files, setFiles] = useState(/** @type {{name: string, share: number, said: string, problem: any}[]} */ ([]));
  const [category, setCategory] = useState("");
  /** @param {{name: string, file: File}[]} chosen */
  const store = async (chosen) => {
    setFiles(chosen.map(({ name }) => ({ name, share: 0, said: "", problem: null })));
    for (const [place, { name, file }] of chosen.entries()) {
      /** @param {object} change */
      const note = (change) => setFiles((now) => now.map((each, at) => (at === place ? { ...each, ...change } : each)));
      const form = new FormData();
      form.append("file", file, name);
      if (category.trim()) form.append("category", category.trim());
      try {
        const { change } = await upload("/knowledge/documents", form, (share) => note({ share }));
        note({ share: 1, said: change });
      } catch (problem) {
        note({ problem });
      }
      onStored();
    }
  };
  const reading = useAction(async (/** @type {(FileSystemEntry | null)[]} */ entries) => {
    const found = [];
    for (const entry of entries) if (entry) found.push(...(await filesIn(entry, [])));
    store(found);
  });
  /** @param {DragEvent} event */
  const dropped = (event) => {
    event.preventDefault();
    // At once: the browser empties the list when the event is over.
    reading.start(Array.from(event.dataTransfer?.items ?? [], (item) => item.webkitGetAsEntry()));
  };
  /** @param {any} event */
  const chosen = (event) => {
    const files = /** @type {File[]} */ (Array.from(event.target.files));
    store(
      files
        .map((file) => ({ file, path: (file.webkitRelativePath || file.name).split("/") }))
        .filter(seen)
        .map(named),
    );
  };
  return html`<section class="drop" aria-label="Add files" onDragOver=${(/** @type {Event} */ event) => event.preventDefault()} onDrop=${dropped}>
    <label>Drop files or folders here, or choose files <input type="file" multiple onChange=${chosen} /></label>
    <label>Choose a folder <input type="file" webkitdirectory onChange=${chosen} /></label>
    <label>Category of new files <input value=${category} placeholder="as their content says" onInput=${(/** @type {any} */ event) => setCategory(event.target.value)} /></label>
    <${Trouble} problem=${reading.problem} />
    <ul>${files.map(
      (file) =>
        html`<li>${
          file.problem
            ? html`${plain(file.name)}<${Trouble} problem=${file.problem} />`
            : file.said
              ? `${plain(file.name)}: ${file.said}`
              : html`<${Progress} label=${plain(file.name)} value=${file.share < 1 ? file.share : undefined} />`
        }</li>`,
    )}</ul>
  </section>`;
}

/**
 * @param {{id: string, query: import("../router.js").Query, go: import("../router.js").Go}} props
 * `version` of the query is one of its versions, `at` the place to light in it, in characters: `120-180`.
 */
function Document({ id, query, go }) {
  const path = `/knowledge/documents/${encodeURIComponent(id)}`;
  const found = useLoad((signal) => get(path, { include: "text", version_id: query.version }, signal), [query.version]);
  const current = useLoad((signal) => get(path, {}, signal), []);
  const cited = useLoad((signal) => get("/answers/summary", { document: id }, signal), [id]);
  const [asking, setAsking] = useState(false);
  const [start = 0, end = 0] = (query.at ?? "").split("-").map(Number);
  const one = found.data;
  if (!one) return html`<${Trouble} problem=${found.problem} again=${found.reload} />`;
  return html`<div class="row"><h2>${plain(one.title)}</h2><button type="button" onClick=${() => setAsking(true)}>Remove</button></div>
    <dl class="facts">
      ${[
        ["Document", plain(one.name)],
        ["Category", plain(one.category)],
        ["Date", one.updated],
        ["Authority", one.authority],
        ["Versions", one.versions],
        ["Passages", one.passages],
        ["Cited by", cited.data ? counted(cited.data.answers, "answer") : "…"],
      ].map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
    </dl>
    ${current.data && current.data.version_id !== one.version_id && html`<${Notice}>This is an earlier version. <a href=${href("library", ["documents", id])}>Read the one in force</a>.<//>`}
    <${Text} text=${one.text} spans=${query.at ? [{ start, end }] : []} quote=${0} />
    ${
      asking &&
      html`<${Confirm} title="Remove this document?" action="Remove" run=${() => call("DELETE", path)} onClose=${() => setAsking(false)}
        onDone=${() => go(["documents"])}><p>Its versions, passages and tables are removed here; its source is not touched.</p><//>`
    }`;
}

/**
 * Returns a text with the words of a query marked.
 * @param {string} text
 * @param {string} query
 */
function marked(text, query) {
  const words = query.match(/[\p{L}\p{N}]{3,}/gu);
  if (!words) return plain(text);
  return text
    .split(new RegExp(`(${words.join("|")})`, "giu"))
    .map((part, at) => (at % 2 ? html`<mark>${part}</mark>` : plain(part)));
}

/** @param {{query: import("../router.js").Query, go: import("../router.js").Go}} props */
function Search({ query, go }) {
  const [text, setText] = useState(query.q ?? "");
  const asked = { query: query.q ?? "", explain: true, limit: 10 };
  const found = useLoad(
    (signal) => (query.q ? call("POST", "/knowledge/search", { body: asked, signal }) : Promise.resolve(null)),
    [query.q],
  );
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    go(["search"], { q: text });
  };
  /** @param {string} name @param {{rank: number, contribution: number} | null} lane */
  const reason = (name, lane) =>
    html`<div><dt>${name}</dt><dd>${lane ? `place ${lane.rank}, adds ${lane.contribution.toFixed(4)}` : "not found"}</dd></div>`;
  return html`<form class="row" onSubmit=${submit}>
      <input type="search" data-search aria-label="Search the documents" placeholder="Search the documents  ( / )" value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)} />
      <button class="strong" type="submit">Search</button></form>
    <${Trouble} problem=${found.problem} again=${found.reload} />
    ${found.data?.notices.map((/** @type {string} */ notice) => html`<${Notice}>${plain(notice)}<//>`)}
    ${found.data?.results.length === 0 && html`<p>Nothing found.</p>`}
    ${found.data?.results.map(
      (/** @type {any} */ hit) => html`<article class="hit">
        <h2>${hit.rank}. <a href=${href("library", ["documents", hit.document_id])}>${plain(hit.title)}</a></h2>
        <p class="soft">${[plain(hit.section), hit.date, hit.superseded && "superseded"].filter(Boolean).join(" · ")}</p>
        <p class="text" dir="auto">${marked(hit.text.slice(0, 1200), query.q)}</p>
        <dl class="facts">${reason("By meaning", hit.lanes.vector)}${reason("By words", hit.lanes.bm25)}${reason("By name", hit.lanes.name)}${reason("By single words", hit.lanes.tokens)}${hit.lanes.rerank && reason("By the reranker", hit.lanes.rerank)}</dl>
      </article>`,
    )}`;
}

/** @param {{query: import("../router.js").Query, go: import("../router.js").Go}} props */
function Tables({ query, go }) {
  const tables = useLoad((signal) => get("/knowledge/tables", { limit: 100 }, signal), []);
  const [sql, setSql] = useState(query.sql ?? "");
  const run = useAction(async () => setRows(await call("POST", "/knowledge/sql", { body: { query: sql } })));
  const [rows, setRows] = useState(/** @type {any} */ (null));
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    go(["tables"], { sql }, { replace: true });
    run.start();
  };
  if (tables.data && !tables.data.tables.length)
    return html`<${Empty} title="No tables" command="candor ingest staff.csv"><p>CSV, TSV and XLSX files become tables that questions and SQL can read.</p><//>`;
  return html`<${Trouble} problem=${tables.problem} again=${tables.reload} />
    ${tables.data?.tables.map(
      (
        /** @type {any} */ table,
      ) => html`<details><summary><code>${plain(table.name)}</code> <span class="soft">${counted(table.rows, "row")}. ${plain(table.title)}</span></summary>
        <dl class="facts">${table.columns.map((/** @type {any} */ column) => html`<div><dt><code>${plain(column.name)}</code></dt><dd>${column.type} ${plain(column.description)}</dd></div>`)}</dl></details>`,
    )}
    <form onSubmit=${submit}><label>A SELECT over these tables <textarea rows="3" spellcheck=${false} value=${sql} placeholder=${`SELECT * FROM ${tables.data?.tables[0]?.name} LIMIT 10`} onInput=${(/** @type {any} */ event) => setSql(event.target.value)}></textarea></label>
      <div class="row end"><button class="strong" type="submit" disabled=${run.busy || !sql.trim()}>Run</button></div></form>
    <${Trouble} problem=${run.problem} />
    ${
      rows &&
      html`${rows.truncated && html`<${Notice} kind="warning">There are more rows than are shown.<//>`}
      <${Table} caption="Rows" rows=${rows.rows} columns=${rows.columns.map(
        (/** @type {string} */ name, /** @type {number} */ at) => ({
          label: plain(name),
          cell: (/** @type {any} */ row) => plain(String(row[at] ?? "").slice(0, 2000)),
        }),
      )} />`
    }`;
}
