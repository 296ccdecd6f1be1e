"""The process that renders Jinja2 templates (`template_engine.py` starts it).

It reads one JSON request a line and writes one JSON answer a line. The environment is Jinja2's
immutable sandbox: no private attributes, no change of a value. An undefined variable is an error.
Values are shown as in the plain syntax: strings as they are, others as JSON, null as nothing.

Promises: at most `MEMORY_BYTES` of memory and, for each request, `CPU_SECONDS`; a template can do
neither more nor reach a setting, because the process has none.
"""

import json
import sys
import time
from functools import lru_cache
from typing import cast

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

MEMORY_BYTES = 512 * 2**20
CPU_SECONDS = 3
MAX_CHARACTERS = 8 * 2**20

_GUARDS = ("defined", "undefined", "default", "d")


def main() -> None:
    """Writes an empty line when ready, then answers requests until the input ends."""
    print(flush=True)  # noqa: T201
    for line in sys.stdin:
        _limit()
        print(json.dumps(_answer(json.loads(line))), flush=True)  # noqa: T201  (a pipe)


def _limit() -> None:
    try:
        import resource  # not on Windows, where only the time is limited
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, most))
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS, most))


def _answer(request: dict[str, object]) -> dict[str, object]:
    text = cast("str", request["text"])
    try:
        if "values" not in request:
            return _names(text)
        rendered = _template(text).render(cast("dict[str, object]", request["values"]))
        if len(rendered) > MAX_CHARACTERS:
            return {"error": "It makes too long a text."}
    except TemplateSyntaxError as error:
        return {"error": f"line {error.lineno}: {str(error).rstrip('.')}."}
    except MemoryError:
        return {"error": "It needs too much memory."}
    except Exception as error:  # noqa: BLE001  (a template may fail in any way; it is the author's error)
        return {"error": f"{type(error).__name__}: {str(error)[:500].rstrip('.')}."}
    return {"text": rendered}


def _names(text: str) -> dict[str, object]:
    """Returns the variables it reads, and those of them that it neither tests nor replaces."""
    tree = _environment().parse(text)
    names = meta.find_undeclared_variables(tree)
    guarded = {
        node.node.name
        for node in tree.find_all((nodes.Test, nodes.Filter))
        if node.name in _GUARDS and isinstance(node.node, nodes.Name)
    }
    return {"names": sorted(names), "required": sorted(names - guarded)}


@lru_cache(maxsize=256)
def _template(text: str) -> Template:
    return _environment().from_string(text)


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, keep_trailing_newline=True, finalize=_shown
    )


def _shown(value: object) -> object:
    if isinstance(value, str | Undefined):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main()
