// What the drivers of all clients share: the server's address and gates, waiting, and the report.
// A driver runs every scenario of one client in one process and prints what it saw as one JSON
// object on its last line; pytest judges. `node DRIVER CLIENT URL`.

export const [client, base] = process.argv.slice(2);

const LONGEST_WAIT = 300_000;

/** Wait until `condition` is true of what the client shows. */
export async function until(condition, what) {
  const deadline = performance.now() + LONGEST_WAIT;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what ?? condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Wait until the server noted this. */
export async function noted(what) {
  const response = await fetch(`${base}/-/noted/${encodeURIComponent(what)}`);
  if (response.status !== 204) throw new Error(`the server never noted: ${what}`);
}

/** Note something at the server: `open NAME` opens a gate. */
export async function note(what) {
  await fetch(`${base}/-/note/${encodeURIComponent(what)}`, { method: "POST" });
}

/** A JSON answer of the server with its status. */
export async function ask(method, path, body) {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : null };
}

/** In a browser a relative address is of the page, and a writing request names its origin. */
export function asInBrowser() {
  const plain = globalThis.fetch;
  globalThis.fetch = (input, init = {}) => {
    const relative = typeof input === "string" && input.startsWith("/");
    if (!relative) return plain(input, init);
    const headers = new Headers(init.headers);
    headers.set("origin", base);
    return plain(new URL(input, base), { ...init, headers });
  };
}

/** Run the scenarios one after the other and print what each one saw, or its error. */
export async function report(scenarios) {
  const seen = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    try {
      seen[name] = await scenario(`${client}-${name}`.replaceAll("_", "-"));
    } catch (error) {
      seen[name] = { crashed: String(error?.stack ?? error) };
    }
  }
  process.stdout.write(`\n${JSON.stringify(seen)}\n`, () => process.exit(0));
}
