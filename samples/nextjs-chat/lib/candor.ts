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
