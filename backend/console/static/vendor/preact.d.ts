// The types of preact.js, for `tsc --checkJs`; see tests/clients/vendored.mjs.
import type { VNode } from "preact";

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
export type { ComponentChildren, ComponentType, VNode } from "preact";
export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode;
