import { candor } from "@/lib/candor";
import type { Message } from "@/lib/messages";

import { Chat } from "./chat";

type Props = { params: Promise<{ id: string }> };

export default async function Page({ params }: Props) {
  const { id } = await params;
  return <Chat id={id} history={await history(id)} />;
}

// What was said before; nothing in a chat that has only an address so far.
async function history(id: string): Promise<Message[]> {
  const answer = await candor(`/api/chat/${encodeURIComponent(id)}/messages`);
  if (answer.status === 404) return [];
  if (!answer.ok) throw new Error(`Candor answered ${answer.status}`);
  const { messages } = await answer.json();
  return messages;
}
