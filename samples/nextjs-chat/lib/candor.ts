// The only place that knows where Candor is and with which key. It runs on the server: neither
// reaches the browser.
import "server-only";

const CANDOR_URL = process.env.CANDOR_URL ?? "http://127.0.0.1:8000";
const CANDOR_API_KEY = process.env.CANDOR_API_KEY;

export function candor(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (CANDOR_API_KEY) headers.set("X-API-Key", CANDOR_API_KEY);
  return fetch(new URL(path, CANDOR_URL), { ...init, headers, cache: "no-store" });
}

const KEPT = ["content-type", "cache-control", "retry-after", "x-vercel-ai-ui-message-stream"];

// Hands an answer on as it comes.
export async function streamed(path: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await candor(path, init);
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
