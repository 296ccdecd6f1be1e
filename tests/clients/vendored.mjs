// What the console loads as one file: Preact, its hooks and htm. `test_console_files.py` bundles it anew:
// esbuild vendored.mjs --bundle --format=esm --minify --legal-comments=none --outfile=…/vendor/preact.js
import { h } from "preact";
import htm from "htm";

export { createContext, Fragment, h, render } from "preact";
export {
  useCallback,
  useContext,
  useEffect,
  useErrorBoundary,
  useId,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "preact/hooks";
export const html = htm.bind(h);
