// `useChat()` of @ai-sdk/react as a page uses it, unmodified, in a React renderer without a browser:
// react4 (AI SDK 4) at POST /chat/stream, react5 to react7 at the default /api/chat.

import { createElement } from "react";
import { act, create } from "react-test-renderer";

import { asInBrowser, client, report, until } from "./driving.mjs";

const { useChat } = await import(client);

asInBrowser();
globalThis.IS_REACT_ACT_ENVIRONMENT = true;
// The renderer warns at each use that it is deprecated; it is the one that needs no browser.
console.error = () => {};

/** A page that does nothing but call the hook; `page.chat` is what it gave last. */
async function page(options = () => undefined) {
  const shown = {};
  const Page = () => {
    shown.chat = useChat(options(shown));
    return null;
  };
  await act(async () => create(createElement(Page)));
  return shown;
}

const seen = ({ status, error, messages, data }) =>
  JSON.parse(JSON.stringify({ status, error: error?.message, messages, data }));

/** Run what a click does, and wait until the hook is at rest again. */
async function click(shown, what) {
  await act(async () => {
    await what();
    await until(() => ["ready", "error"].includes(shown.chat.status), "the hook to be at rest");
  });
}

const modern = {
  text: async () => {
    const shown = await page();
    await click(shown, () => shown.chat.sendMessage({ text: "history one" }));
    await click(shown, () => shown.chat.sendMessage({ text: "history two" }));
    const asked = seen(shown.chat);
    await click(shown, () => shown.chat.regenerate());
    return { asked, regenerated: seen(shown.chat) };
  },
  error: async () => {
    const shown = await page();
    await click(shown, () => shown.chat.sendMessage({ text: "error How often?" }));
    return seen(shown.chat);
  },
};

/** AI SDK 4 sends its whole history; this is all a page must say to send the server's own body. */
const options = (shown) => ({
  api: "/chat/stream",
  experimental_prepareRequestBody: ({ messages }) => ({
    user_id: "hook-4",
    chat_id: shown.chat.data?.find((item) => item.chat_id)?.chat_id ?? null,
    message: messages.at(-1).content,
  }),
});

const old = {
  text: async () => {
    const shown = await page(options);
    const say = (content) => click(shown, () => shown.chat.append({ role: "user", content }));
    await say("history one");
    await say("history two");
    return { asked: seen(shown.chat) };
  },
  error: async () => {
    const shown = await page(options);
    const content = "error How often?";
    await click(shown, () => shown.chat.append({ role: "user", content }));
    return seen(shown.chat);
  },
};

await report(client === "react4" ? old : modern);
