"""Prompt templates against the cases of other projects and of the mustache specification.

    python -m benchmarks.template_conformance DATA

DATA holds `template_cases.jsonl` (template, context and result, recorded from Agenta's and Langfuse's
own tests) and `mustache_spec.jsonl`. Prints the agreement of each mode and every deviation with its
reason (docs/explanation/evaluation.md names the reasons), then the time of a rendering. Status 1 for
a deviation without a reason.
"""

import argparse
import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from timeit import repeat
from typing import Any, cast

from benchmarks.machine import machine
from services.templates.template_engine import PromptTemplates
from use_cases.kernel.errors import CandorError
from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Role, Syntax
from use_cases.playground.templates import render_messages, render_text

MODES = {
    "curly": Syntax.PLAIN,
    "langfuse": Syntax.PLAIN,
    "mustache": Syntax.MUSTACHE,
    "jinja2": Syntax.JINJA2,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A template with its values; `expected` None is an error. `root` is no mapping of names."""

    mode: str
    template: str
    values: Mapping[str, Any]
    expected: str | None
    root: bool = False


_PATHS = re.compile(r"\{\{(?:\$|/\S*[/~])")

Reason = tuple[str, Callable[[Sample, str | None], bool]]
REASONS: Sequence[Reason] = (
    (
        "JSON Pointer and JSONPath are no names",
        lambda s, _: bool(_PATHS.search(s.template)),
    ),
    ("no HTML escaping", lambda s, _: s.expected is not None and "&" in s.expected),
    ("no partials", lambda s, _: "{{>" in s.template or "|>" in s.template),
    ("values are always a mapping of names", lambda s, _: s.root),
    ("{{{{ is the text {{", lambda s, _: s.mode == "curly" and "{{{{" in s.template),
    (
        "booleans are JSON (true), null is nothing",
        lambda s, got: (
            got is not None and any(value in (True, False, None) for value in s.values.values())
        ),
    ),
    ("a missing variable is an error", lambda s, got: got is None and s.expected is not None),
)


def main() -> None:
    """Print the tables; exit with status 1 for a deviation without a reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder with the two files")
    data = cast("Path", parser.parse_args().data)
    engine = PromptTemplates()
    print(machine())
    unexplained = 0
    for name, samples in (("foreign tests", foreign(data)), ("mustache/spec", specified(data))):
        unexplained += compare(name, list(samples), engine)
    asyncio.run(engine.close())
    speed()
    if unexplained:
        sys.exit(f"{unexplained} deviations without a reason")


def foreign(data: Path) -> Iterator[Sample]:
    """The recorded cases in the modes that Candor has."""
    for row in rows(data / "template_cases.jsonl"):
        if row["mode"] in MODES:
            values = cast("dict[str, Any]", row["context"] or {})
            yield Sample(row["mode"], row["template"], values, row["expect"].get("result"))


def specified(data: Path) -> Iterator[Sample]:
    """The cases of the specification."""
    for row in rows(data / "mustache_spec.jsonl"):
        values, root = row["data"], not isinstance(row["data"], dict)
        yield Sample("mustache", row["template"], {} if root else values, row["expect"], root)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file behind its first, which says where they are from."""
    with path.open(encoding="utf-8") as file:
        next(file)
        yield from map(json.loads, file)


def compare(name: str, samples: Sequence[Sample], engine: PromptTemplates) -> int:
    """Print how many samples agree, and each that does not; return how many have no reason."""
    agreeing: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    print(f"\n{name}: {len(samples)} cases")
    for sample in samples:
        got = rendered(sample, engine)
        if got == sample.expected:
            agreeing[sample.mode] += 1
            continue
        reason = next((why for why, holds in REASONS if holds(sample, got)), "")
        reasons[reason or "WITHOUT A REASON"] += 1
        shown = " ".join(sample.template.split())[:50]
        print(f"  {sample.mode:9} {shown:52} {reason or f'{sample.expected!r} got {got!r}'}")
    for mode, count in Counter(sample.mode for sample in samples).items():
        print(f"{mode}: {agreeing[mode]} of {count} agree")
    for why, count in reasons.most_common():
        print(f"  {count:3} {why}")
    return reasons["WITHOUT A REASON"]


def rendered(sample: Sample, engine: PromptTemplates) -> str | None:
    """What Candor makes of it; None for an error."""
    content = PromptContent([PromptMessage(Role.USER, sample.template)], syntax=MODES[sample.mode])
    try:
        return render_messages(content, sample.values, engine, allow_unused=True)[0].content
    except CandorError:
        return None


def speed() -> None:
    """Print the time of one rendering of a short template with two values."""
    values = {"question": "How?", "tone": "calm"}
    content = PromptContent([PromptMessage(Role.USER, "Answer {{question}} as {{tone}}.")])
    count = 50_000
    for name, run in (
        ("text", lambda: render_text(content.messages[0].content, values)),
        ("messages", lambda: render_messages(content, values, allow_unused=True)),
        ("messages, unused values checked", lambda: render_messages(content, values)),
    ):
        best = min(repeat(cast("Callable[[], object]", run), number=count, repeat=5)) / count
        print(f"{name}: {best * 1e6:.2f} µs")


if __name__ == "__main__":
    main()
