import { getToolName, isToolUIPart } from "ai";

import type { Message, Source } from "@/lib/messages";

// A message, part by part, in the order in which it came.
export function Answer({ message }: { message: Message }) {
  const { parts, metadata } = message;
  // An answer that did not stand up to the check of its citations is replaced: what was shown is void.
  const start = parts.findLastIndex((part) => part.type === "data-answer-replaced") + 1;
  return (
    <>
      {parts.map((part, index) => {
        if (isToolUIPart(part)) {
          return (
            <details key={index} className="tool">
              <summary>
                {getToolName(part)}: {part.state === "output-available" ? "done" : part.state}
              </summary>
              <pre>{JSON.stringify(part.input, null, 2)}</pre>
              <pre>{part.state === "output-available" && String(part.output)}</pre>
            </details>
          );
        }
        switch (part.type) {
          case "reasoning":
            return (
              <details key={index} className="reasoning">
                <summary>Reasoning</summary>
                {part.text}
              </details>
            );
          case "text":
            return index >= start && <p key={index}>{part.text}</p>;
          case "data-sources":
            return <Sources key={index} sources={part.data} />;
          default:
            return null;
        }
      })}
      {metadata?.interrupted && <p className="notice">Stopped.</p>}
    </>
  );
}

function Sources({ sources }: { sources: Source[] }) {
  return (
    <ul className="sources">
      {sources.map((source) => (
        <li key={source.number}>
          [{source.number}] <b>{source.title}</b> — {source.section} — {source.date}
          {source.quotes.map((quote) => (
            <blockquote key={quote.text}>{quote.text}</blockquote>
          ))}
        </li>
      ))}
    </ul>
  );
}
