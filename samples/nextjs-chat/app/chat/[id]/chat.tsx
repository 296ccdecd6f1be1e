"use client";

import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport } from "ai";
import { useState } from "react";

import type { Message, Problem } from "@/lib/messages";

import { Answer } from "./answer";

// Candor keeps the history, so the newest message is enough.
const transport = new DefaultChatTransport<Message>({
  prepareSendMessagesRequest: ({ id, messages, trigger, messageId }) => ({
    body: { id, trigger, messageId, message: messages.at(-1) },
  }),
});

export function Chat({ id, history }: { id: string; history: Message[] }) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<Problem>();
  const { messages, status, error, sendMessage, regenerate, stop } = useChat<Message>({
    id,
    messages: history,
    transport,
    resume: true, // after a reload, the answer that is being written
    onData: (part) => part.type === "data-problem" && setProblem(part.data),
  });
  const busy = status === "submitted" || status === "streaming";
  const told = error && (problem ?? parsed(error));

  function again() {
    setProblem(undefined);
    void regenerate();
  }

  return (
    <main>
      <h1>Ask the handbook</h1>
      {messages.map((message) => (
        <article key={message.id} className={message.role}>
          <Answer message={message} />
        </article>
      ))}
      {status === "submitted" && <p role="status">Looking…</p>}
      {told && (
        <p role="alert">
          {told.detail} {told.hint}
        </p>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setProblem(undefined);
          void sendMessage({ text });
          setText("");
        }}
      >
        <input
          aria-label="Question"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {busy ? (
          <button type="button" onClick={stop}>
            Stop
          </button>
        ) : (
          <button disabled={!text.trim()}>Ask</button>
        )}
        {!busy && messages.length > 0 && (
          <button type="button" onClick={again}>
            Try again
          </button>
        )}
      </form>
    </main>
  );
}

// An error before the answer begins is the body of the response: a problem as JSON.
function parsed(error: Error): Pick<Problem, "detail" | "hint"> {
  try {
    return JSON.parse(error.message);
  } catch {
    return { detail: "The answer broke off.", hint: "Try again in a moment." };
  }
}
