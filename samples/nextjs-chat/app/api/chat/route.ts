import { candor } from "@/lib/candor";

const KEPT = ["content-type", "cache-control", "retry-after", "x-vercel-ai-ui-message-stream"];

// Hands the question on, with the key, and the answer back as it comes.
export async function POST(request: Request) {
  let answer: Response;
  try {
    answer = await candor("/api/chat", {
      method: "POST",
      headers: { "content-type": request.headers.get("content-type") ?? "" },
      body: await request.text(),
      signal: request.signal, // a stop, or a closed tab, stops the model too
    });
  } catch {
    const problem = { code: "unreachable", detail: "The knowledge base cannot be reached." };
    return Response.json({ ...problem, hint: "Try again in a moment." }, { status: 502 });
  }
  const headers = new Headers({ "x-accel-buffering": "no" });
  for (const name of KEPT) {
    const value = answer.headers.get(name);
    if (value) headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
}
