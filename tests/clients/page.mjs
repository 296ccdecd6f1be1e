// A web page on another port than the server: it calls `useChat()` and a few routes as an app in a
// browser does, and posts what it saw to the server that it came from. `?api=ADDRESS`.

import { DefaultChatTransport } from "ai6";
import { createElement, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { useChat } from "react6";

const api = new URLSearchParams(location.search).get("api");

/** The status and a header that only a page that is let in can read, or why there is none. */
async function tried(path, options) {
  try {
    const response = await fetch(api + path, options);
    return { status: response.status, request_id: response.headers.get("x-request-id") !== null };
  } catch (error) {
    return { failed: error.name };
  }
}

/** What any page may send without asking: a form with a file. */
function form() {
  const data = new FormData();
  data.append("file", new File(["# Planted\n\nPasswords never end.\n"], "planted.md"));
  return data;
}

async function report(chat) {
  const json = { "content-type": "application/json", "x-api-key": "k", authorization: "Basic eDp5" };
  const routes = {
    read: await tried("/health"),
    write: await tried("/knowledge/search", {
      method: "POST",
      headers: { ...json, "x-request-id": "page", "x-app": "of its own" },
      body: '{"query": "password"}',
    }),
    change: await tried("/chats/chat_1", { method: "PATCH", headers: json, body: '{"title": "x"}' }),
    remove: await tried("/chats/chat_1", { method: "DELETE" }),
    resume: await tried("/api/v1/eval-runs/eval_1/events", { headers: { "last-event-id": "3" } }),
    form: await tried("/knowledge/documents", { method: "POST", mode: "no-cors", body: form() }),
  };
  const { status, error, messages } = chat;
  await fetch("/report", {
    method: "POST",
    body: JSON.stringify({ chat: { status, error: error?.message ?? null, messages }, routes }),
  });
}

const transport = new DefaultChatTransport({ api: `${api}/api/chat` });

function Page() {
  const chat = useChat({ transport });
  useEffect(() => void chat.sendMessage({ text: "How often?" }), []);
  const done = chat.messages.length > 1 || chat.status === "error";
  useEffect(() => {
    if (done && ["ready", "error"].includes(chat.status)) void report(chat);
  }, [chat.status]);
  return null;
}

createRoot(document.body).render(createElement(Page));
