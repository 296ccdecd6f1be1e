/** The page for somebody who is not signed in: a provider's sign-in, or an API key, exchanged for a session. */
import { call, ROOT } from "./api.js";
import { Trouble, useAction } from "./parts.js";
import { html, useState } from "./vendor/preact.js";

/** @param {{status: {sign_in: boolean}, ended: boolean, onDone: () => void}} props */
export function SignIn({ status, ended, onDone }) {
  const [key, setKey] = useState("");
  const exchange = () => call("POST", "/api/auth/session", { headers: { "x-api-key": key.trim() } });
  const { busy, problem, start } = useAction(exchange, onDone);
  const failed = new URLSearchParams(location.search).get("sign_in_error");
  const back = encodeURIComponent(location.pathname + (failed ? "" : location.search));
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    start();
  };
  return html`<main class="sign-in">
    <h1>Candor</h1>
    <p>${ended ? "Your session has ended. Sign in to go on where you were." : "Sign in to ask your documents."}</p>
    ${failed && html`<${Trouble} problem=${{ detail: "The provider did not sign you in.", hint: "Try again, or ask an administrator what this code means for you:", code: failed }} />`}
    ${status.sign_in && html`<p><a class="button strong" href="${ROOT}/api/auth/login?return_to=${back}">Sign in</a></p><p class="soft">or</p>`}
    <form onSubmit=${submit}>
      <label>API key <input type="password" autocomplete="off" spellcheck=${false} required value=${key} placeholder="cndr_…"
        onInput=${(/** @type {any} */ event) => setKey(event.target.value)} /></label>
      <button type="submit" class="strong" disabled=${busy || !key.trim()}>Use this key</button>
    </form>
    <${Trouble} problem=${problem} />
    <p class="soft">The key is sent once and exchanged for a session of this browser. It is not kept here. Revoking the key ends the session.
      An administrator makes one with <code>candor keys create --user NAME --label LABEL</code>.</p>
  </main>`;
}
