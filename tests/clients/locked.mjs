// All versions at a server that asks for API keys and limits each, with a model of a real provider
// class behind it: `node locked.mjs CLIENT URL KEY`.

import { callChatApi } from "@ai-sdk/ui-utils";

import { base, client, report, until } from "./driving.mjs";

const key = process.argv[4];

/** Asks in a new chat; `text()` is what is shown so far. */
const ask = client === "ai4" ? old : await modern();

function old(message, headers) {
  const abort = new AbortController();
  const seen = { errors: [], message: undefined };
  const done = callChatApi({
    api: `${base}/chat/stream`,
    body: { user_id: client, chat_id: null, message },
    streamProtocol: "data",
    headers,
    abortController: () => abort,
    restoreMessagesOnFailure: () => {},
    onUpdate: (update) => (seen.message = update.message),
    onFinish: () => {},
    generateId: () => "generated",
  }).catch((error) => error.name === "AbortError" || seen.errors.push(error.message));
  return {
    errors: seen.errors,
    text: () => seen.message?.content ?? "",
    stop: () => abort.abort(),
    done,
  };
}

async function modern() {
  const { Chat } = await import(client.replace("ai", "react"));
  const { DefaultChatTransport } = await import(client);
  return (message, headers) => {
    const errors = [];
    const transport = new DefaultChatTransport({ api: `${base}/api/chat`, headers });
    const chat = new Chat({ transport, onError: (error) => errors.push(error.message) });
    const parts = () => chat.messages.at(-1)?.parts ?? [];
    const text = () =>
      parts()
        .filter((part) => part.type === "text")
        .map((part) => part.text)
        .join("");
    return { errors, text, stop: () => chat.stop(), done: chat.sendMessage({ text: message }) };
  };
}

async function finished(message, headers = { "X-API-Key": key }) {
  const asked = ask(message, headers);
  await asked.done;
  return { errors: asked.errors, text: asked.text() };
}

await report({
  stranger: async () => await finished("How often?", {}),
  text: async () => await finished("How often?"),
  stop: async () => {
    const asked = ask(`Tell ${client} slowly.`, { "X-API-Key": key });
    await until(() => asked.text().includes("[1]"), "the first words");
    await asked.stop();
    await asked.done;
    return { errors: asked.errors, text: asked.text() };
  },
  limited: async () => await finished("How often?"),
});
