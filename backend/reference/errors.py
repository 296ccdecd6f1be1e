"""The page of errors, from every subclass of `CandorError`."""

import pkgutil
from collections.abc import Iterator, Sequence
from importlib import import_module

import use_cases
from backend.errors import EXIT_CODE_MEANINGS, doors
from backend.reference.markdown_text import page, table
from use_cases.kernel.errors import CandorError

_INTRODUCTION = """Every error that Candor raises on purpose has a code that stays. Over HTTP it is an
`application/problem+json` object, with `Retry-After` where the waiting time is known:

```json
{"type": "urn:candor:error:document_not_found", "title": "Document not found", "status": 404,
 "detail": "…", "code": "document_not_found", "hint": "`candor documents` lists the stored documents."}
```

A command writes `error[code]: detail` and `hint: …` to stderr (with `--json` the same object) and
ends with the exit code. Anything else that goes wrong is `internal_error`: it shows nothing of its
cause but a request id, under which the log has the traceback."""


def errors_page() -> str:
    """Returns docs/reference/errors.md."""
    rows = [
        (
            f"`{error.code}`",
            str(int(doors(error).status)),
            str(int(doors(error).exit_code)),
            _first_paragraph(error),
            error.default_hint,
        )
        for error in errors()
    ]
    exits = [(str(int(code)), meaning) for code, meaning in EXIT_CODE_MEANINGS.items()]
    return page(
        "Errors",
        _INTRODUCTION,
        "## Codes",
        table(("Code", "HTTP", "Exit", "Meaning", "What to do"), rows),
        "## Exit codes",
        table(("Exit", "Meaning"), exits),
    )


def errors() -> Sequence[type[CandorError]]:
    """Returns every error with a code of its own, by code."""
    for module in pkgutil.walk_packages(use_cases.__path__, "use_cases."):
        import_module(module.name)
    own = {kind for kind in _below(CandorError) if "code" in vars(kind)}
    return sorted(own, key=lambda kind: kind.code)


def _below(kind: type[CandorError]) -> Iterator[type[CandorError]]:
    for child in kind.__subclasses__():
        # A test may define errors too.
        if child.__module__.startswith(("use_cases.", "backend.")):
            yield child
            yield from _below(child)


def _first_paragraph(kind: type[CandorError]) -> str:
    return (kind.__doc__ or "").strip().split("\n\n")[0]
