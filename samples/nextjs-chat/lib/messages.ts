// What Candor's messages hold beside text and tool calls.
import type { UIMessage } from "ai";

export type Source = {
  number: number;
  document: string;
  title: string;
  section: string;
  date: string;
  quotes: { text: string; weak: boolean }[];
};

export type Problem = { code: string; detail: string; hint: string };

type Metadata = { outcome?: string; interrupted?: boolean; notices?: string[] };

type Data = {
  sources: Source[]; // the verified sources of the answer
  "answer-replaced": { text: string; reason: string }; // void is what was shown before it
  problem: Problem; // what went wrong; not kept in the message
};

export type Message = UIMessage<Metadata, Data>;
