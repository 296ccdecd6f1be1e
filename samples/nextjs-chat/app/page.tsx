import { redirect } from "next/navigation";

export const dynamic = "force-dynamic";

// A chat's id is made here, and Candor makes the chat with its first question.
export default function Page() {
  redirect(`/chat/${crypto.randomUUID()}`);
}
