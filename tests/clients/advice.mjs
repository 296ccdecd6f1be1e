// The readers of advice: eventsource-parser, the AI SDK's parsePartialJson and readUIMessageStream,
// and the state class behind useChat, at POST /advice and POST /api/advice (ai5, ai6, ai7).

import { createParser } from "eventsource-parser";

import { ask, base, client, noted, note, report } from "./driving.mjs";

const version = client.at(-1);
const { DefaultChatTransport, parsePartialJson, readUIMessageStream } = await import(`ai${version}`);
const { Chat } = await import(`react${version}`);

const plain = (thing) => JSON.parse(JSON.stringify(thing));

/** The response, with its chunks as the network gave them. */
async function chunks(question, accept) {
  const response = await fetch(`${base}/advice`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(accept ? { accept } : {}) },
    body: JSON.stringify({ conversation: [{ role: "user", content: question }] }),
  });
  const parts = [];
  for await (const part of response.body) parts.push(part);
  return { id: response.headers.get("x-response-id"), parts };
}

const joined = (parts) => Buffer.concat(parts);

/** What a reader of server-sent events has, given these chunks of bytes. */
function events(parts) {
  const found = [];
  const parser = createParser({ onEvent: (event) => found.push(event) });
  const decoder = new TextDecoder();
  for (const part of parts) parser.feed(decoder.decode(part, { stream: true }));
  const data = found.filter((event) => !event.event).map((event) => event.data);
  const named = found.filter((event) => event.event);
  return { text: data.join(""), named };
}

const named = (list) => list.map(({ event, data }) => ({ event, data: JSON.parse(data) }));

const sse = (question) => async () => {
  const { id, parts } = await chunks(question);
  const bytes = joined(parts);
  const whole = JSON.stringify(events([bytes]));
  let different = 0;
  for (let cut = 1; cut < bytes.length; cut += 1) {
    const seen = events([bytes.subarray(0, cut), bytes.subarray(cut)]);
    if (JSON.stringify(seen) !== whole) different += 1;
  }
  const singly = events([...bytes].map((_, at) => bytes.subarray(at, at + 1)));
  const seen = events([bytes]);
  return {
    id,
    bytes: bytes.length,
    different: different + (JSON.stringify(singly) === whole ? 0 : 1),
    text: seen.text,
    named: named(seen.named),
  };
};

const text = (question) => async () => {
  const { id, parts } = await chunks(question, "text/plain");
  const bytes = joined(parts);
  const numbers = new Set();
  let read = "";
  let last;
  let unread = 0;
  const decoder = new TextDecoder();
  for (const part of parts) {
    read += decoder.decode(part, { stream: true });
    last = await parsePartialJson(read);
    if (last.value === undefined) unread += 1;
    if (last.value?.confidence_score !== undefined) numbers.add(last.value.confidence_score);
  }
  let failed = 0;
  for (let end = 1; end <= read.length; end += 1) {
    const { value } = await parsePartialJson(read.slice(0, end));
    if (value === undefined) failed += 1;
  }
  return {
    id,
    bytes: bytes.length,
    chunks: parts.length,
    characters: read.length,
    unread,
    failed,
    numbers: [...numbers],
    state: last.state,
    object: last.value ?? null,
  };
};

const lines = (question) => async () => {
  const { parts } = await chunks(question, "application/x-ndjson");
  const found = joined(parts).toString().trim().split("\n").map((line) => JSON.parse(line));
  const numbers = found.map((one) => one.confidence_score).filter((one) => one !== undefined);
  return { count: found.length, numbers: [...new Set(numbers)], last: found.at(-1) };
};

const transport = () => new DefaultChatTransport({ api: `${base}/api/advice` });

await report({
  sse: sse("advise What about the passwords?"),
  sse_again: sse("advise-again What about the passwords?"),
  sse_error: sse("advise-error What about the passwords?"),
  text: text("advise What about the passwords?"),
  text_again: text("advise-again What about the passwords?"),
  text_error: text("advise-error What about the passwords?"),
  lines: lines("advise What about the passwords?"),
  lines_again: lines("advise-again What about the passwords?"),
  lines_error: lines("advise-error What about the passwords?"),
  whole: async () => {
    const conversation = [{ role: "user", content: "advise What about the passwords?" }];
    return await ask("POST", "/advice-non-streaming", { conversation });
  },
  early: async (id) => {
    const { body } = await fetch(`${base}/advice`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ conversation: [{ role: "user", content: `advise-hold ${id}` }] }),
    });
    const seen = [];
    const parser = createParser({ onEvent: (event) => seen.push(event.data) });
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    while (!seen.join("").includes('"reasoning":"')) parser.feed((await reader.read()).value);
    await noted(`holding ${id}`);
    const shown = seen.join("");
    await note(`open ${id}`);
    for (let part = await reader.read(); !part.done; part = await reader.read())
      parser.feed(part.value);
    return { shown, whole: seen.slice(0, -1).join("") };
  },
  ui: async (id) => {
    const parts = [{ type: "text", text: "advise What about the passwords?" }];
    const stream = await transport().sendMessages({
      chatId: id,
      messages: [{ id: "q", role: "user", parts }],
      trigger: "submit-message",
    });
    const numbers = new Set();
    let last;
    for await (const message of readUIMessageStream({ stream })) {
      last = plain(message);
      const advice = last.parts.find((part) => part.type === "data-advice")?.data;
      if (advice?.confidence_score !== undefined) numbers.add(advice.confidence_score);
    }
    return { message: last, numbers: [...numbers] };
  },
  chat: async (id) => {
    const errors = [];
    const chat = new Chat({ id, transport: transport(), onError: (e) => errors.push(e.message) });
    await chat.sendMessage({ text: "advise What about the passwords?" });
    await chat.sendMessage({ text: "advise-after And then?" });
    return plain({ status: chat.status, errors, messages: chat.messages });
  },
  chat_again: async (id) => {
    const chat = new Chat({ id, transport: transport() });
    await chat.sendMessage({ text: "advise-again What about the passwords?" });
    return plain({ status: chat.status, messages: chat.messages });
  },
  chat_error: async (id) => {
    const errors = [];
    const chat = new Chat({ id, transport: transport(), onError: (e) => errors.push(e.message) });
    await chat.sendMessage({ text: "advise-error What about the passwords?" });
    return plain({ status: chat.status, errors, messages: chat.messages });
  },
});
