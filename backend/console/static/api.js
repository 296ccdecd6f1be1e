/**
 * Calls of the server, and data that a component loads.
 *
 * Promises: every error is a `Problem`, with the server's own words and hint; a write carries the header that
 * sessions need; an answer 401 makes the window say `signed-out`, at which `main.js` asks to sign in.
 */
import { useCallback, useEffect, useState } from "./vendor/preact.js";

/** The path that a proxy serves this server under; usually empty. */
export const ROOT = document.documentElement.dataset.root ?? "";

/** @typedef {string | number | boolean | null | undefined} Value */
/**
 * @typedef {object} Options
 * @property {Record<string, Value | string[]>} [query] What is null, undefined or "" is left out.
 * @property {unknown} [body] Sent as JSON; a form as it is.
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 */

/** An error as the server states it (RFC 9457). `status` 0: there was no answer. */
export class Problem extends Error {
  /** @param {{status?: number, code?: string, title?: string, detail?: string, hint?: string}} found */
  constructor({ status = 0, code = "unreachable", title = "", detail, hint } = {}) {
    super(detail ?? "The server does not answer.");
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = this.message;
    this.hint = hint ?? (status ? "" : "Check that it runs (`candor serve`) and that you are connected.");
  }
}

/**
 * Returns the problem of anything that was thrown.
 * @param {unknown} error
 */
export const problemOf = (error) =>
  error instanceof Problem
    ? error
    : new Problem(error instanceof TypeError ? {} : { status: 1, code: "console", detail: String(error) });

/** @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";

/**
 * @param {string} path
 * @param {Options["query"]} [query]
 */
export function address(path, query = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== null && each !== undefined && each !== "") search.append(name, String(each));
  return `${ROOT}${path}${search.size ? `?${search}` : ""}`;
}

/**
 * Returns the response to a request. Throws a `Problem` unless it is a good one.
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 */
export async function request(method, path, { query, body, headers = {}, signal } = {}) {
  /** @type {Record<string, string>} */
  const sent = { accept: "application/json", "x-csrf-protection": "1", ...headers };
  const form = body instanceof FormData;
  if (body !== undefined && !form) sent["content-type"] = "application/json";
  const payload = form || body === undefined ? body : JSON.stringify(body);
  let response;
  try {
    response = await fetch(address(path, query), { method, headers: sent, body: payload, signal });
  } catch (error) {
    throw isAbort(error) ? error : new Problem();
  }
  if (!response.ok) throw await refused(response.status, await response.text().catch(() => ""));
  return response;
}

/**
 * @param {number} status
 * @param {string} text
 */
function refused(status, text) {
  if (status === 401) window.dispatchEvent(new Event("signed-out"));
  try {
    return new Problem({ ...JSON.parse(text), status });
  } catch {
    return new Problem({ status, code: `http_${status}`, detail: `The server answered with status ${status}.` });
  }
}

/**
 * Returns the JSON of the answer; null for an empty one.
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<any>}
 */
export async function call(method, path, options) {
  const response = await request(method, path, options);
  return response.status === 204 ? null : response.json();
}

/**
 * @param {string} path
 * @param {Options["query"]} [query]
 * @param {AbortSignal} [signal]
 */
export const get = (path, query, signal) => call("GET", path, { query, signal });

/**
 * Sends a form with a file, and says how much of it has arrived: `fetch` cannot.
 * @param {string} path
 * @param {FormData} form
 * @param {(share: number) => void} onProgress
 * @returns {Promise<any>}
 */
export function upload(path, form, onProgress) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", address(path));
    sending.setRequestHeader("x-csrf-protection", "1");
    sending.upload.onprogress = (event) => onProgress(event.loaded / (event.total || 1));
    sending.onerror = () => reject(new Problem());
    sending.onload = () =>
      sending.status < 300
        ? resolve(JSON.parse(sending.responseText || "null"))
        : reject(refused(sending.status, sending.responseText));
    sending.send(form);
  });
}

/**
 * What `load` returns, loaded anew whenever one of `keys` changes; the former data stay until then.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {readonly unknown[]} keys
 */
export function useLoad(load, keys) {
  const [found, setFound] = useState(
    /** @type {{data: T | null, problem: Problem | null, loading: boolean}} */ ({
      data: null,
      problem: null,
      loading: true,
    }),
  );
  const [count, setCount] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    setFound((before) => ({ ...before, loading: true }));
    load(leaving.signal).then(
      (data) => leaving.signal.aborted || setFound({ data, problem: null, loading: false }),
      (error) => leaving.signal.aborted || setFound({ data: null, problem: problemOf(error), loading: false }),
    );
    return () => leaving.abort();
  }, [count, ...keys]);
  return { ...found, reload: useCallback(() => setCount((before) => before + 1), []) };
}
