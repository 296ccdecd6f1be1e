// `useObject` of @ai-sdk/react as a page uses it, unmodified, in a React renderer without a browser:
// react5 to react7 at POST /advice with `Accept: text/plain`.

import { createElement } from "react";
import { act, create } from "react-test-renderer";
import { z } from "zod";

import { asInBrowser, client, report, until } from "./driving.mjs";

const { experimental_useObject: useObject } = await import(client);

asInBrowser();
globalThis.IS_REACT_ACT_ENVIRONMENT = true;
console.error = () => {};

const schema = z.object({
  main_advice: z.string(),
  reasoning: z.string(),
  confidence_score: z.number().nullable(),
  alternatives: z.array(z.object({ option: z.string(), reason: z.string() })),
});

/** One submission, everything that was shown on the way, and how it ended. */
async function submitted(content, asking = schema) {
  const page = { shown: [] };
  const Page = () => {
    page.hook = useObject({
      api: "/advice",
      schema: asking,
      headers: { Accept: "text/plain" },
      onFinish: (end) => (page.end = end),
      onError: (error) => (page.failed = error.message),
    });
    page.shown.push(page.hook.object);
    return null;
  };
  await act(async () => create(createElement(Page)));
  await act(async () => {
    page.hook.submit({ conversation: [{ role: "user", content }] });
    await until(() => page.end || page.failed, "the hook to be at rest");
  });
  const numbers = page.shown.map((one) => one?.confidence_score).filter((one) => one !== undefined);
  return JSON.parse(
    JSON.stringify({
      object: page.hook.object ?? null,
      loading: page.hook.isLoading,
      error: page.failed ?? null,
      finished: page.end?.object ?? null,
      invalid: page.end?.error !== undefined,
      numbers: [...new Set(numbers)],
    }),
  );
}

await report({
  advice: async () => await submitted("advise What about the passwords?"),
  replaced: async () => await submitted("advise-again What about the passwords?"),
  failed: async () => await submitted("advise-error What about the passwords?"),
  // A page that asks for nothing but the text is not given what is void, either.
  replaced_lax: async () =>
    await submitted("advise-again What about the passwords?", z.object({ main_advice: z.string() })),
  refused: async () => await submitted("   "),
});
