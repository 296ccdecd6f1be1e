import { streamed } from "@/lib/candor";

// Hands the question on, with the key, and the answer back as it comes.
export async function POST(request: Request) {
  return streamed("/api/chat", {
    method: "POST",
    headers: { "content-type": request.headers.get("content-type") ?? "" },
    body: await request.text(),
    signal: request.signal, // a stop, or a closed tab, stops the model too
  });
}
