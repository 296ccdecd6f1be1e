// OpenAI's own client, at /v1/chat/completions, /v1/models and /v1/embeddings.

import OpenAI from "openai";

import { base, noted, report } from "./driving.mjs";

const openai = new OpenAI({ baseURL: `${base}/v1`, apiKey: "any", maxRetries: 0 });
const asking = (content, more = {}) => ({
  model: "candor",
  messages: [{ role: "user", content }],
  ...more,
});

/** The characters that each annotation marks; JavaScript counts an emoji as two. */
const marked = (content, annotations) =>
  annotations.map(({ url_citation: at }) =>
    Array.from(content).slice(at.start_index, at.end_index).join(""),
  );

async function streamed(content) {
  const seen = { content: "", pieces: 0, annotations: [], finish: null };
  const more = { stream: true, stream_options: { include_usage: true } };
  try {
    for await (const chunk of await openai.chat.completions.create(asking(content, more))) {
      const [choice] = chunk.choices;
      seen.pieces += choice?.delta.content ? 1 : 0;
      seen.content += choice?.delta.content ?? "";
      seen.annotations.push(...(choice?.delta.annotations ?? []));
      seen.finish ??= choice?.finish_reason ?? null;
      seen.candor ??= chunk.candor;
      seen.usage = chunk.usage ?? seen.usage;
    }
  } catch (error) {
    seen.error = { code: error.code ?? null, message: error.message };
  }
  return { ...seen, marked: marked(seen.content, seen.annotations) };
}

const once = (content) => () => streamed(content);

async function refused(body) {
  try {
    await openai.chat.completions.create(body);
    return { status: 200 };
  } catch (error) {
    return { status: error.status, code: error.code, param: error.param, name: error.constructor.name };
  }
}

await report({
  text: once("text How often?"),
  uncited: once("uncited Is it?"),
  error: once("error Is it?"),
  whole: async () => {
    const reply = await openai.chat.completions.create(asking("text How often?"));
    const { content, annotations } = reply.choices[0].message;
    return { content, marked: marked(content, annotations), outcome: reply.candor.outcome };
  },
  helper: async () => {
    const runner = openai.chat.completions.stream(asking("text How often?"));
    return { content: await runner.finalContent() };
  },
  context: async () => {
    const messages = [
      { role: "user", content: "What of leave?" },
      { role: "assistant", content: "Eight days." },
      { role: "user", content: "history And passwords?" },
    ];
    const reply = await openai.chat.completions.create({ model: "candor", messages });
    return { content: reply.choices[0].message.content };
  },
  left: async (name) => {
    const stream = await openai.chat.completions.create(asking(`hold ${name}`, { stream: true }));
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await noted(`stopped ${name}`);
    return { left: true };
  },
  whole_left: async (name) => {
    const leaving = new AbortController();
    const asked = openai.chat.completions
      .create(asking(`hold ${name}`), { signal: leaving.signal })
      .catch((error) => error.constructor.name);
    await noted(`holding ${name}`);
    leaving.abort();
    await noted(`stopped ${name}`);
    return { error: await asked };
  },
  tools: () => refused(asking("text How often?", { tools: [{ type: "function", function: { name: "f" } }] })),
  models: async () => {
    const names = [];
    for await (const model of openai.models.list()) names.push(model.id);
    return { names };
  },
  embeddings: async () => {
    const found = await openai.embeddings.create({ model: "words", input: ["a b", "password rotation"] });
    return { dimensions: found.data.map((one) => one.embedding.length) };
  },
});
