/**
 * One chat with the server: its messages, the answer that is being written, and what a person does to both.
 *
 * Promises: a chat is one object in this window, so an answer goes on while another page is looked at; a
 * connection that breaks is taken up again; what another window does to the chat is seen here; after the end of an
 * answer the messages are the server's own record. Leaves to others: drawing (`pages/ask.js`).
 */
import { call, get, isAbort, problemOf, request } from "./api.js";
import { after, eventsOf, nothingYet, textOf } from "./stream.js";
import { useEffect, useRef, useState } from "./vendor/preact.js";

/**
 * @typedef {object} Message
 * @property {string} id
 * @property {string} role
 * @property {string} content
 * @property {string | null} parent_id
 * @property {string[]} siblings all messages in its place, itself included, oldest first
 * @property {string} created_at
 * @property {import("./citations.js").Source[]} sources
 * @property {string | null} outcome
 * @property {string[]} notices
 * @property {boolean} interrupted
 * @property {string | null} model
 * @property {string | null} mode
 * @property {{input_tokens: number | null, output_tokens: number | null} | null} usage
 * @property {string | null} cost
 * @property {number | null} latency_ms
 * @property {"right" | "wrong" | null} feedback
 * @property {{name: string, args: unknown, result: string, failed: boolean}[]} tool_calls
 */
/**
 * @typedef {object} Asking
 * @property {string} [text] the question; without one the question of `at` is answered again
 * @property {string} [at] the message whose place it takes
 * @property {string} [after] the message that it goes on from
 * @property {string} [model]
 * @property {string} [category]
 * @property {string} [mode]
 * @property {string} [within]
 */

const PAGE = 40;
const WAITS = [500, 1000, 2000, 4000, 8000];
const MOST_KEPT = 20;
const others = new BroadcastChannel("candor");

/** @type {Map<string, Conversation>} */
const open = new Map();

others.onmessage = ({ data }) => {
  window.dispatchEvent(new Event("chats-changed"));
  const found = open.get(data);
  found?.look();
};
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible")
    for (const each of open.values()) if (!each.live && each.watched) each.look();
});
window.addEventListener("signed-out", () => open.clear());

export class Conversation {
  /** @param {string | null} id null until its first question is asked */
  constructor(id) {
    this.id = id;
    /** @type {{title: string, mode: string} | null} */
    this.about = null;
    /** @type {Message[]} */
    this.messages = [];
    /** @type {string | null} */
    this.before = null;
    /** @type {import("./stream.js").Live | null} */
    this.live = null;
    /** @type {Asking | null} */
    this.asked = null;
    this.loading = id !== null;
    this.lost = this.looking = this.again = false;
    this.finished = "";
    /** @type {any} */
    this.problem = null;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.frame = 0;
  }

  get watched() {
    return this.listeners.size > 0;
  }

  /** Draws soon: many events make one picture. */
  tell() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      for (const each of this.listeners) each();
    });
  }

  /** Reads what is stored, and follows the answer that is being written; once more where it is busy with that. */
  async look() {
    this.again = this.looking || this.live !== null;
    if (this.again) return;
    this.looking = true;
    try {
      this.problem = null;
      await this.read();
      const response = await request("GET", `/api/chat/${this.id}/stream`);
      this.looking = false;
      if (response.status === 200 && !this.live) await this.follow(response);
    } catch (error) {
      if (!isAbort(error)) this.problem = problemOf(error);
    }
    this.looking = this.loading = false;
    this.tell();
    if (this.again) await this.look();
  }

  async read() {
    const path = `/chats/${this.id}`;
    const [about, page] = await Promise.all([get(path), get(`${path}/messages`, { limit: PAGE })]);
    this.about = about;
    this.messages = page.messages;
    this.before = page.next_before;
    this.loading = false;
    this.tell();
  }

  async older() {
    const page = await get(`/chats/${this.id}/messages`, { limit: PAGE, before: this.before });
    this.messages = [...page.messages, ...this.messages];
    this.before = page.next_before;
    this.tell();
  }

  /**
   * Asks; returns once the answer has begun. Throws a `Problem` where it does not, and nothing has changed.
   * @param {Asking} asking
   */
  async ask(asking) {
    const own =
      asking.text === undefined
        ? {}
        : { message: { id: `msg-${random()}`, role: "user", parts: [{ type: "text", text: asking.text }] } };
    this.asked = asking;
    this.live = nothingYet();
    this.problem = null;
    this.finished = "";
    this.tell();
    try {
      const response = await request("POST", "/api/chat", {
        headers: { accept: "text/event-stream" },
        body: {
          id: this.id ?? `web-${random()}`,
          trigger: asking.text === undefined ? "regenerate-message" : "submit-message",
          messageId: asking.at,
          after: asking.after,
          category: asking.category || null,
          model: asking.model || null,
          mode: asking.mode || null,
          in: asking.within || "documents",
          ...own,
        },
      });
      this.follow(response);
    } catch (error) {
      this.asked = this.live = null;
      this.tell();
      throw problemOf(error);
    }
  }

  /**
   * Reads an answer to its end, and comes back to it where the connection breaks.
   * @param {Response} response
   */
  async follow(response) {
    this.live = nothingYet();
    try {
      for await (const events of eventsOf(response)) {
        for (const event of events) this.live = after(this.live, event);
        if (this.live.chatId && this.id !== this.live.chatId) this.settle(this.live.chatId);
        this.lost = false;
        this.tell();
      }
    } catch (error) {
      if (!isAbort(error) && !(error instanceof TypeError)) console.error(error);
    }
    if (this.live.over) await this.finish();
    else await this.comeBack();
  }

  /** @param {string} id */
  settle(id) {
    this.id = id;
    keep(this);
    others.postMessage(id);
    window.dispatchEvent(new Event("chats-changed"));
  }

  async comeBack() {
    this.lost = true;
    this.tell();
    for (const wait of WAITS) {
      await Promise.race([
        new Promise((done) => setTimeout(done, wait)),
        new Promise((done) => addEventListener("online", done, { once: true })),
      ]);
      try {
        const response = await request("GET", `/api/chat/${this.id}/stream`);
        this.lost = false;
        return response.status === 200 ? await this.follow(response) : await this.finish();
      } catch (error) {
        const { status } = problemOf(error);
        if (status) break;
      }
    }
    this.problem = problemOf(new TypeError());
    this.lost = false;
    this.tell();
  }

  async finish() {
    const said = this.live;
    try {
      await this.read();
      this.finished = this.messages.at(-1)?.content ?? "";
      if (said?.problem) this.problem = said.problem;
    } catch (error) {
      this.problem = problemOf(error);
      if (this.asked?.text) this.messages = [...this.messages, unread("user", this.asked.text, null)];
      if (said) this.messages = [...this.messages, unread("assistant", textOf(said), said)];
    }
    this.live = this.asked = null;
    this.tell();
    if (this.id) others.postMessage(this.id);
    window.dispatchEvent(new Event("chats-changed"));
    if (this.again) await this.look();
  }

  /** Stops the answer; what was written of it stays. */
  stop = () => call("POST", `/chats/${this.id}/cancel`);

  /**
   * Shows another branch.
   * @param {string} messageId
   */
  async show(messageId) {
    await call("PATCH", `/api/conversations/${this.id}`, { body: { leaf_id: messageId } });
    await this.read();
    others.postMessage(this.id);
  }

  /**
   * @param {string} answerId
   * @param {{feedback: "right" | "wrong" | null, expected?: string, expected_document?: string, feedback_notes?: string}} said
   */
  async judge(answerId, said) {
    const { feedback } = await call("POST", `/answers/${answerId}/feedback`, { body: said });
    this.messages = this.messages.map((each) => (each.id === answerId ? { ...each, feedback } : each));
    this.tell();
    others.postMessage(this.id);
  }
}

/**
 * Returns a message as it was seen, where its record cannot be read.
 * @param {string} role
 * @param {string} content
 * @param {import("./stream.js").Live | null} live
 * @returns {Message}
 */
const unread = (role, content, live) => ({
  id: live?.id ?? `unread-${random()}`,
  role,
  content,
  parent_id: null,
  siblings: [],
  created_at: "",
  sources: live?.sources ?? [],
  outcome: null,
  notices: live?.facts.notices ?? [],
  interrupted: false,
  model: null,
  mode: null,
  usage: null,
  cost: null,
  latency_ms: null,
  feedback: null,
  tool_calls: [],
});

/** @param {Conversation} conversation */
function keep(conversation) {
  if (conversation.id) open.set(conversation.id, conversation);
  for (const [id, each] of open) if (open.size > MOST_KEPT && !each.live && !each.watched) open.delete(id);
}

const random = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (each) => each.toString(36)).join("");

/**
 * Returns the chat of an id, or the new one, and draws whenever it changes.
 * @param {string | null} id
 */
export function useConversation(id) {
  const [, draw] = useState(0);
  const shown = useRef(/** @type {{id: string | null, chat: Conversation} | null} */ (null));
  if (!shown.current || shown.current.id !== id) {
    // A new chat gets its id, and then its address, while it is shown.
    const before = shown.current?.chat;
    const chat = id !== null && before?.id === id ? before : (open.get(id ?? "") ?? new Conversation(id));
    shown.current = { id, chat };
    keep(chat);
  }
  const found = shown.current.chat;
  useEffect(() => {
    const listener = () => draw((count) => count + 1);
    found.listeners.add(listener);
    if (found.id && !found.live) found.look();
    return () => void found.listeners.delete(listener);
  }, [found]);
  return found;
}
