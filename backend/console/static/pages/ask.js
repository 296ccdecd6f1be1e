/** Ask: chats at the left, the answer in the middle, the cited characters of its source at the right. */
import { AnswerText, OUTCOMES } from "../answer.js";
import { call, get, useLoad } from "../api.js";
import { citedPlaces, plain } from "../citations.js";
import { useConversation } from "../conversation.js";
import { markdown } from "../markdown.js";
import {
  Confirm,
  Correction,
  counted,
  Dialog,
  Duration,
  Empty,
  Moment,
  Money,
  Notice,
  Trouble,
  useAction,
} from "../parts.js";
import { href } from "../router.js";
import { SourcePane } from "../source.js";
import { textOf } from "../stream.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";

/** @typedef {import("../conversation.js").Message} Message */
/** @typedef {import("../conversation.js").Conversation} Conversation */
/** @typedef {import("../answer.js").Cited} Cited */

export default {
  title: "Ask",
  command: (/** @type {readonly string[]} */ [id]) => (id ? `candor chat --resume ${id}` : 'candor ask "…"'),
  View: Ask,
};

/** @param {import("../router.js").Place} place */
function Ask({ params, query, go }) {
  const id = params[0] ?? null;
  const chat = useConversation(id);
  const [shown, setShown] = useState("thread");
  const [from, setFrom] = useState(/** @type {{kind: "after" | "at", message: Message} | null} */ (null));
  useEffect(() => {
    if (chat.id && chat.id !== id) go([chat.id], query, { replace: id === null });
  }, [chat.id]);
  useEffect(() => setFrom(null), [chat]);

  const [answerId, number, quote] = (query.at ?? "").split(".");
  const answer = chat.messages.find((each) => each.id === answerId);
  const source = answer?.sources.find((each) => each.number === Number(number));
  const active = source ? { number: source.number, quote: Number(quote) || 0 } : null;
  // A chat gets its id while it is shown, and may end its first answer before it is drawn with that id.
  const here = chat.id ? [chat.id] : [];
  /** @param {string} inAnswer @param {Cited} cited */
  const cite = (inAnswer, cited) =>
    go(here, { ...query, at: `${inAnswer}.${cited.number}.${cited.quote}` }, { replace: true });
  const close = () => go(here, {}, { replace: true });
  // A new answer opens its first source, where the window has room for both.
  useEffect(() => {
    const last = chat.messages.at(-1);
    const [first] = citedPlaces(last?.sources ?? []);
    if (chat.finished && last && first && innerWidth > 1088)
      cite(last.id, { number: first.source.number, quote: first.index });
  }, [chat.finished]);
  /** @param {number} by */
  const step = (by) => {
    const last = answer ?? chat.messages.findLast((each) => each.sources.length > 0);
    const places = citedPlaces(last?.sources ?? []);
    if (!last || !places.length) return;
    const at = places.findIndex((each) => each.source.number === active?.number && each.index === active.quote);
    const next = places[at < 0 ? 0 : (at + by + places.length) % places.length];
    cite(last.id, { number: next.source.number, quote: next.index });
  };
  useArrows(step, close);
  const places = citedPlaces(answer?.sources ?? []);
  const place = 1 + places.findIndex((each) => each.source === source && each.index === active?.quote);

  return html`<div class="ask ${source ? "with-source" : ""}" data-shown=${source ? "source" : shown}>
    <${History} current=${chat.id} onChoose=${() => setShown("thread")} onClose=${() => setShown("thread")} />
    <section class="thread" aria-label="Chat">
      <${Heading} chat=${chat} onHistory=${() => setShown("history")} />
      <${Thread} chat=${chat} setFrom=${setFrom} active=${active} answerId=${answerId} cite=${cite} />
      <${Composer} chat=${chat} from=${from} setFrom=${setFrom} />
    </section>
    ${
      source &&
      html`<${SourcePane} source=${source} quote=${active?.quote ?? 0} onClose=${close}
      step=${places.length > 1 ? step : undefined} place=${`${place} of ${places.length}`} />`
    }
  </div>`;
}

/**
 * Arrow keys step through the cited places; Escape closes the source.
 * @param {(by: number) => void} step
 * @param {() => void} close
 */
function useArrows(step, close) {
  // Before the next key: a listener of the former render would step from the former place.
  useLayoutEffect(() => {
    /** @param {KeyboardEvent} event */
    const pressed = (event) => {
      const { target, key } = event;
      const busy = target instanceof Element && target.closest("input, textarea, select, dialog, [role=group]");
      if (busy || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (key === "ArrowRight" || key === "ArrowLeft") step(key === "ArrowRight" ? 1 : -1);
      else if (key === "Escape") close();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  });
}

/** @param {{current: string | null, onChoose: () => void, onClose: () => void}} props */
function History({ current, onChoose, onClose }) {
  const [sought, setSought] = useState("");
  const [pages, setPages] = useState(1);
  const chats = useLoad(
    async (signal) => {
      const found = [];
      let before;
      for (let page = 0; page < pages; page++) {
        const part = await get("/chats", { limit: 50, before }, signal);
        found.push(...part.chats);
        before = part.next_before;
        if (!before) break;
      }
      return { found, more: Boolean(before) };
    },
    [pages],
  );
  const search = useLoad(
    async (signal) => {
      if (!sought.trim()) return null;
      await new Promise((done) => setTimeout(done, 200));
      return signal.aborted ? null : get("/api/search", { q: sought, limit: 20 }, signal);
    },
    [sought],
  );
  useEffect(() => {
    window.addEventListener("chats-changed", chats.reload);
    return () => window.removeEventListener("chats-changed", chats.reload);
  }, [chats.reload]);
  /** @param {string} id @param {any} label @param {any} [below] */
  const line = (
    id,
    label,
    below,
  ) => html`<li><a href=${href("ask", [id])} onClick=${onChoose} aria-current=${id === current ? "page" : undefined}>
    <span class="name" dir="auto">${label}</span>${below}</a></li>`;
  return html`<aside class="history" aria-label="Chats">
    <div class="row"><a class="button" data-new href=${href("ask")} onClick=${onChoose}>New chat</a>
      <button type="button" class="quiet narrow" onClick=${onClose}>Close</button></div>
    <input type="search" data-search aria-label="Search your chats" placeholder="Search your chats  ( / )" value=${sought}
      onInput=${(/** @type {any} */ event) => setSought(event.target.value)} />
    <${Trouble} problem=${chats.problem ?? search.problem} again=${chats.reload} />
    ${
      search.data
        ? html`<ul>${search.data.results.map((/** @type {any} */ each) => line(each.conversation_id, plain(each.conversation_title), html`<small dir="auto">${plain(each.content_snippet)}</small>`))}</ul>
          ${search.data.results.length === 0 && html`<p class="soft">Nothing found.</p>`}`
        : html`<ul>${chats.data?.found.map((each) => line(each.id, plain(each.title) || "Untitled", html`<small><${Moment} at=${each.updated_at} /></small>`))}</ul>
          ${chats.data?.found.length === 0 && html`<p class="soft">Your chats will be here.</p>`}
          ${chats.data?.more && html`<button type="button" class="quiet" onClick=${() => setPages(pages + 1)}>Earlier chats</button>`}`
    }
  </aside>`;
}

/** @param {{chat: Conversation, onHistory: () => void}} props */
function Heading({ chat, onHistory }) {
  const [asking, setAsking] = useState("");
  const [title, setTitle] = useState("");
  const done = () => setAsking("");
  const begin = () => {
    setTitle(chat.about?.title ?? "");
    setAsking("title");
  };
  const rename = useAction(async () => {
    await call("PATCH", `/chats/${chat.id}`, { body: { title } });
    await chat.read();
    window.dispatchEvent(new Event("chats-changed"));
  }, done);
  const remove = async () => {
    await call("DELETE", `/chats/${chat.id}`);
    window.dispatchEvent(new Event("chats-changed"));
    location.assign(href("ask"));
  };
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    rename.start();
  };
  return html`<header class="row">
    <button type="button" class="quiet narrow" onClick=${onHistory}>Chats</button>
    <h1 dir="auto">${plain(chat.about?.title ?? chat.problem?.title) || (chat.id ? "…" : "New chat")}</h1>
    ${
      chat.about &&
      html`<button type="button" class="quiet" onClick=${begin}>Rename</button>
      <button type="button" class="quiet" onClick=${() => setAsking("remove")}>Remove</button>`
    }
    ${
      asking === "title" &&
      html`<${Dialog} title="Rename the chat" onClose=${done}><form onSubmit=${submit}>
      <label>Title <input required maxlength="200" value=${title} onInput=${(/** @type {any} */ event) => setTitle(event.target.value)} /></label>
      <${Trouble} problem=${rename.problem} /><div class="row end"><button class="strong" type="submit" disabled=${rename.busy}>Rename</button></div></form><//>`
    }
    ${
      asking === "remove" &&
      html`<${Confirm} title="Remove this chat?" action="Remove" run=${remove} onClose=${done}>
      <p>Its messages and recorded answers are removed from this server. This cannot be undone.</p><//>`
    }
  </header>`;
}

/**
 * @param {{chat: Conversation, setFrom: (from: any) => void, active: Cited | null, answerId: string, cite: (id: string, cited: Cited) => void}} props
 */
function Thread({ chat, setFrom, active, answerId, cite }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const follows = useRef(true);
  const scrolled = () => {
    const pane = box.current;
    if (pane) follows.current = pane.scrollHeight - pane.scrollTop - pane.clientHeight < 80;
  };
  useLayoutEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  useEffect(() => {
    follows.current = true;
  }, [chat, chat.asked]);
  const older = useAction(async () => {
    follows.current = false;
    await chat.older();
  });
  const kept = upTo(chat);
  return html`<div class="messages" ref=${box} onScroll=${scrolled} tabindex="0" role="group" aria-label="Messages">
    ${chat.before && html`<button type="button" class="quiet" disabled=${older.busy} onClick=${() => older.start()}>Earlier messages</button>`}
    ${!chat.id && !chat.live && html`<${Welcome} />`}
    ${chat.loading && !chat.messages.length && html`<p class="soft">Loading …</p>`}
    ${kept.map((message) =>
      message.role === "user"
        ? html`<${Asked} key=${message.id} chat=${chat} message=${message} setFrom=${setFrom} />`
        : html`<${Answered} key=${message.id} chat=${chat} message=${message} active=${message.id === answerId ? active : null} cite=${cite} setFrom=${setFrom} />`,
    )}
    ${chat.asked?.text && html`<article class="asked"><p class="text" dir="auto">${plain(chat.asked.text)}</p></article>`}
    ${chat.live && html`<${Writing} live=${chat.live} lost=${chat.lost} />`}
    <${Trouble} problem=${chat.problem} again=${chat.id && !chat.live ? () => chat.ask({}).catch(() => {}) : undefined} />
    <p class="unseen" role="status">${chat.finished && `The answer is complete. ${chat.finished}`}</p>
  </div>`;
}

/**
 * Returns the messages that stay in view while a question takes the place of others.
 * @param {Conversation} chat
 */
function upTo({ messages, asked, live }) {
  if (!asked) return live?.id ? messages.filter((each) => each.id !== live.id) : messages;
  const at = messages.findIndex((each) => each.id === (asked.at ?? asked.after));
  if (at < 0) return messages;
  return messages.slice(0, asked.after || (messages[at].role === "user" && asked.text === undefined) ? at + 1 : at);
}

function Welcome() {
  const health = useLoad((signal) => get("/health", {}, signal), []);
  const documents = useLoad((signal) => get("/knowledge/documents", { limit: 6 }, signal), []);
  if (!health.data) return html`<${Trouble} problem=${health.problem} again=${health.reload} />`;
  if (!health.data.documents)
    return html`<${Empty} title="No documents yet" command="candor ingest ~/handbook">
      <p>Answers come from your documents and tables, with the place that says so. <a href=${href("library")}>Add files in the library</a>, or store a folder in a terminal, then ask.</p><//>`;
  return html`<${Empty} title="Ask your documents">
    <p>${counted(health.data.documents, "document")} and ${counted(health.data.tables, "table")} are stored${documents.data ? ", such as:" : "."}</p>
    <ul>${documents.data?.documents.map((/** @type {any} */ each) => html`<li>${plain(each.title)} <span class="soft">${plain(each.category)}</span></li>`)}</ul>
    <p class="soft">Every answer names its sources; a number opens the place. Without one, a text is withdrawn.
      ${health.data.model.startsWith("offline:") && " The model is offline: it quotes sentences of your documents, or says that it found none."}</p>
    ${health.data.reasons.map((/** @type {string} */ reason) => html`<${Notice} kind="warning">${plain(reason)}<//>`)}<//>`;
}

/** @param {{chat: Conversation, message: Message, setFrom: (from: any) => void}} props */
function Asked({ chat, message, setFrom }) {
  return html`<article class="asked" aria-label="Question"><p class="text" dir="auto">${plain(message.content)}</p>
    <div class="actions"><${Branches} chat=${chat} message=${message} />
      <button type="button" class="quiet" disabled=${chat.live} onClick=${() => setFrom({ kind: "at", message })}>Edit</button></div></article>`;
}

/** @param {{chat: Conversation, message: Message, active: Cited | null, cite: (id: string, cited: Cited) => void, setFrom: (from: any) => void}} props */
function Answered({ chat, message, active, cite, setFrom }) {
  const [shown, setShown] = useState("");
  const again = useAction(() => chat.ask({ at: message.id }));
  const judge = useAction((/** @type {"right" | "wrong"} */ said) =>
    chat.judge(message.id, {
      feedback: message.feedback === said ? null : said,
    }),
  );
  /** @param {string} name */
  const toggle = (name) => setShown(shown === name ? "" : name);
  const wrong = async () => {
    await judge.start("wrong");
    setShown(message.feedback === "wrong" ? "" : "correct");
  };
  return html`<article class="answered" aria-label="Answer">
    ${message.outcome && html`<p class="outcome ${message.outcome}">${OUTCOMES[message.outcome] ?? message.outcome}${message.interrupted && ". Stopped before its end"}</p>`}
    <${AnswerText} text=${message.content} sources=${message.sources} active=${active} onCite=${(/** @type {Cited} */ cited) => cite(message.id, cited)} />
    ${message.notices.map((notice) => html`<${Notice}>${plain(notice)}<//>`)}
    <div class="actions">
      <${Branches} chat=${chat} message=${message} />
      ${
        message.outcome &&
        html`<button type="button" class="quiet" aria-pressed=${message.feedback === "right"} onClick=${() => judge.start("right")}>Right</button>
        <button type="button" class="quiet" aria-pressed=${message.feedback === "wrong"} onClick=${wrong}>Wrong</button>`
      }
      <button type="button" class="quiet" disabled=${chat.live} onClick=${() => again.start()}>Answer again</button>
      <button type="button" class="quiet" disabled=${chat.live} onClick=${() => setFrom({ kind: "after", message })}>Continue from here</button>
      ${message.outcome && html`<button type="button" class="quiet" aria-expanded=${shown === "facts"} onClick=${() => toggle("facts")}>Cost and time</button>`}
    </div>
    <${Trouble} problem=${judge.problem ?? again.problem} />
    ${shown === "facts" && html`<${Facts} message=${message} />`}
    ${shown === "correct" && html`<${Correction} judge=${(/** @type {any} */ said) => chat.judge(message.id, said)} onDone=${() => setShown("")} />`}
  </article>`;
}

/** @param {{chat: Conversation, message: Message}} props */
function Branches({ chat, message }) {
  const ids = message.siblings ?? [];
  const at = ids.indexOf(message.id);
  const show = useAction((/** @type {number} */ by) => chat.show(ids[at + by]));
  if (ids.length < 2) return null;
  return html`<span class="branches"><button type="button" class="quiet" disabled=${at === 0 || chat.live} aria-label="Earlier version" onClick=${() => show.start(-1)}>‹</button>
    ${at + 1} of ${ids.length}
    <button type="button" class="quiet" disabled=${at === ids.length - 1 || chat.live} aria-label="Later version" onClick=${() => show.start(1)}>›</button><${Trouble} problem=${show.problem} /></span>`;
}

/** @param {{message: Message}} props */
const Facts = ({ message }) => html`<dl class="facts">
  <div><dt>Model</dt><dd>${plain(message.model)}</dd></div>
  <div><dt>Cost</dt><dd><${Money} cost=${message.cost} /></dd></div>
  <div><dt>Time</dt><dd><${Duration} ms=${message.latency_ms} /></dd></div>
  <div><dt>Tokens</dt><dd class="figure">${message.usage?.input_tokens ?? "?"} in, ${message.usage?.output_tokens ?? "?"} out</dd></div>
  <div><dt>Mode</dt><dd>${message.mode}</dd></div>
  <div><dt>Given</dt><dd><${Moment} at=${message.created_at} /></dd></div>
  <div><dt>Record</dt><dd><code>${message.id}</code></dd></div>
  <div><dt>Looked up</dt><dd>${message.tool_calls.map((tool) => html`<code>${plain(JSON.stringify(tool.args))}</code> `)}</dd></div>
</dl>`;

/** @param {{live: import("../stream.js").Live, lost: boolean}} props */
function Writing({ live, lost }) {
  const text = textOf(live);
  const tool = live.parts.findLast((part) => part.kind === "tool");
  const doing = lost
    ? "The connection is lost. Trying to come back …"
    : text
      ? "Writing …"
      : tool
        ? "Reading what was found …"
        : "Looking it up …";
  return html`<article class="answered" aria-label="Answer" aria-busy="true">
    <div class="prose" dir="auto">${markdown(text)}</div><p class="outcome" aria-hidden="true">${doing}</p></article>`;
}

/** @param {{chat: Conversation, from: any, setFrom: (from: any) => void}} props */
function Composer({ chat, from, setFrom }) {
  const [text, setText] = useState("");
  const [options, setOptions] = useState({
    model: "",
    category: "",
    mode: "",
    within: "documents",
  });
  const input = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const models = useLoad((signal) => get("/api/llm-defaults/providers", {}, signal), []);
  const health = useLoad((signal) => get("/health", {}, signal), []);
  const categories = useLoad((signal) => get("/knowledge/categories", {}, signal), []);
  const opening = useRef(true);
  const [before, setBefore] = useState(chat);
  if (before !== chat) {
    setBefore(chat);
    setText("");
  }
  useEffect(() => {
    // A person who begins a chat goes on to write; a page that was just opened keeps its keys free.
    if (!chat.id && !opening.current) input.current?.focus();
    opening.current = false;
  }, [chat]);
  useEffect(() => {
    if (from?.kind === "at") setText(from.message.content);
    if (from) input.current?.focus();
  }, [from]);
  const send = useAction(async () => {
    const place = from ? { [from.kind]: from.message.id } : {};
    await chat.ask({ text, ...options, ...place });
    setText("");
    setFrom(null);
  });
  const stop = useAction(chat.stop);
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    if (text.trim() && !chat.live) send.start();
  };
  /** @param {KeyboardEvent} event */
  const pressed = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  };
  /** @param {"category" | "mode" | "within"} name @param {string} label @param {[string, string][]} choices */
  const choice = (name, label, choices) => html`<label><span>${label}</span>
    <select value=${options[name] || (name === "mode" ? chat.about?.mode : "")} onChange=${(/** @type {any} */ event) => setOptions({ ...options, [name]: event.target.value })}>
    ${choices.map(([value, shown]) => html`<option value=${value}>${shown}</option>`)}</select></label>`;
  const known = (models.data?.providers ?? []).flatMap((/** @type {any} */ one) =>
    one.models.map((/** @type {string} */ name) => `${one.provider}:${name}`),
  );
  return html`<form class="composer" onSubmit=${submit}>
    ${
      from &&
      html`<p class="from"><span>${from.kind === "at" ? "In place of" : "Going on from"}: <q dir="auto">${plain(from.message.content.slice(0, 80))}</q></span>
      <button type="button" class="quiet" onClick=${() => setFrom(null)}>Not from there</button></p>`
    }
    <${Trouble} problem=${send.problem ?? stop.problem} />
    <div class="row">
      <textarea ref=${input} rows="2" aria-label="Your question" placeholder="Ask a question" value=${text} dir="auto"
        onInput=${(/** @type {any} */ event) => setText(event.target.value)} onKeyDown=${pressed}></textarea>
      ${
        chat.live
          ? html`<button type="button" disabled=${stop.busy || !chat.id} onClick=${() => stop.start()}>Stop</button>`
          : html`<button type="submit" class="strong" disabled=${send.busy || !text.trim()}>Ask</button>`
      }
    </div>
    <div class="options">
      <label><span>Model</span> <input list="models" value=${options.model} placeholder=${health.data?.model ?? "the usual one"}
        onInput=${(/** @type {any} */ event) => setOptions({ ...options, model: event.target.value })} /></label>
      <datalist id="models">${known.map((/** @type {string} */ name) => html`<option value=${name}></option>`)}</datalist>
      ${choice("category", "Category", [["", "all"], ...Object.entries(categories.data?.categories ?? {}).map(([name, count]) => /** @type {[string, string]} */ ([name, `${plain(name)} (${count})`]))])}
      ${choice("within", "From", [
        ["documents", "documents"],
        ["conversations", "my chats"],
        ["both", "both"],
      ])}
      ${choice("mode", "Mode", [
        ["grounded", "grounded"],
        ["open", "open"],
      ])}
    </div>
  </form>`;
}
