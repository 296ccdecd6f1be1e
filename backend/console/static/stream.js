/**
 * The answer while it is written: the UI message stream of `POST /api/chat`, read into one value.
 *
 * Promises: unknown events are passed over; a stream that breaks off is told from one that ended. Leaves to
 * others: asking, coming back after a break (`conversation.js`), and drawing.
 */

/** @typedef {{kind: "text" | "reasoning", id: string, text: string}} TextPart */
/** @typedef {{kind: "tool", id: string, name: string, input: unknown, output: string | null, failed: boolean}} ToolPart */
/**
 * @typedef {object} Live
 * @property {string} id the answer's; empty until it has begun
 * @property {string} chatId
 * @property {(TextPart | ToolPart)[]} parts
 * @property {import("./citations.js").Source[]} sources
 * @property {Record<string, any>} facts model, cost, outcome and the rest, at the end
 * @property {{code: string, detail: string, hint: string} | null} problem
 * @property {boolean} over
 */

/** @returns {Live} */
export const nothingYet = () => ({ id: "", chatId: "", parts: [], sources: [], facts: {}, problem: null, over: false });

/**
 * Returns the value after an event.
 * @param {Live} live
 * @param {Record<string, any>} event
 * @returns {Live}
 */
export function after(live, event) {
  switch (event.type) {
    case "start":
      return { ...live, id: event.messageId, chatId: event.messageMetadata?.chat_id ?? live.chatId };
    case "text-start":
    case "reasoning-start":
      return added(live, { kind: event.type === "text-start" ? "text" : "reasoning", id: event.id, text: "" });
    case "text-delta":
    case "reasoning-delta":
      return changed(live, event.id, (part) => ({ ...part, text: /** @type {TextPart} */ (part).text + event.delta }));
    case "tool-input-available":
      return added(live, {
        kind: "tool",
        id: event.toolCallId,
        name: event.toolName,
        input: event.input,
        output: null,
        failed: false,
      });
    case "tool-output-available":
    case "tool-output-error": {
      const failed = event.type === "tool-output-error";
      const output = String(event.output ?? event.errorText ?? "");
      return changed(live, event.toolCallId, (part) => ({ .../** @type {ToolPart} */ (part), output, failed }));
    }
    case "data-sources":
      return { ...live, sources: event.data };
    case "data-answer-replaced":
      return { ...live, parts: live.parts.filter((part) => part.kind !== "text") };
    case "data-problem":
      return { ...live, problem: event.data };
    case "error":
      return live.problem ? live : { ...live, problem: { code: "", detail: event.errorText, hint: "" } };
    case "message-metadata":
      return { ...live, facts: { ...live.facts, ...event.messageMetadata } };
    case "done":
      return { ...live, over: true };
    default:
      return live;
  }
}

/**
 * @param {Live} live
 * @param {TextPart | ToolPart} part
 */
const added = (live, part) => ({ ...live, parts: [...live.parts, part] });

/**
 * @param {Live} live
 * @param {string} id
 * @param {(part: TextPart | ToolPart) => TextPart | ToolPart} change
 */
const changed = (live, id, change) => ({
  ...live,
  parts: live.parts.map((part) => (part.id === id ? change(part) : part)),
});

/**
 * Returns the text of an answer so far.
 * @param {Live} live
 */
export const textOf = (live) =>
  live.parts
    .map((part) => (part.kind === "text" ? part.text : ""))
    .filter(Boolean)
    .join("\n\n");

/**
 * Yields the events of a response: one list for all that arrived together.
 * @param {Response} response
 */
export async function* eventsOf(response) {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const frames = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = frames.pop() ?? "";
    /** @type {Record<string, any>[]} */
    const found = [];
    for (const frame of frames)
      for (const line of frame.split("\n"))
        if (line.startsWith("data: "))
          found.push(line === "data: [DONE]" ? { type: "done" } : JSON.parse(line.slice(6)));
    if (found.length) yield found;
  }
}
