"""The view of one case in the page of an evaluation: inputs, outputs side by side, every reason.

Promises: every variant's output is compared with the baseline's of the same repeat; a long text is
cut, with its rest behind “Show all”, and a huge one ends with how much is missing. Leaves to others:
the page around it.
"""

import json
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from backend.reports import page_frame
from backend.reports.case_rows import CaseRow, common_verdict, verdict_of
from backend.reports.markup import Html, join, tag, text
from backend.reports.text_difference import Edit, Piece, difference
from backend.reports.verdict_words import LETTERS, dollars
from use_cases.kernel.citations.sources import Source
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.model import (
    AssertionResult,
    Case,
    Cell,
    Plan,
    Redaction,
    Variant,
    Verdict,
)

SHOWN = 1_500
"""The characters of a text that are seen at once."""

MOST = 30_000
"""The characters of a text that the page holds."""

_COMPARED = 20_000
_SHOWN_VALUE = 400
_MOST_VALUE = 8_000
_TONES: dict[Verdict, page_frame.Tone] = {
    Verdict.PASSED: "good",
    Verdict.FAILED: "bad",
    Verdict.ERROR: "error",
}
_LEFT_OUT = Html('<p class="soft">The output is left out.</p>')


class CaseView:
    """Shows the cases of one evaluation, numbered in their order."""

    def __init__(self, plan: Plan, redaction: Redaction) -> None:
        self._variants = plan.variants
        self._baseline = plan.baseline or (plan.variants[0].name if plan.variants else "")
        self._redaction = redaction
        self._number = 0

    def entry(self, row: CaseRow) -> Html:
        """Return the row of the matrix, which opens to the case."""
        self._number += 1
        about = tag("small", _cut(row.about, 200)) if row.about else ""
        name = join(row.name, about)
        sides = [(variant, row.cells.get(variant.name, [])) for variant in self._variants]
        base = row.cells.get(self._baseline, [])
        body = join(
            _inputs(row.inputs) if row.inputs else "",
            tag(
                "div",
                *(self._side(place, *side, base) for place, side in enumerate(sides, 1)),
                class_="sides",
            ),
        )
        marks = [_mark(variant.name, cells) for variant, cells in sides]
        return page_frame.matrix_entry(self._number, name, marks, body, flags=row.flags)

    def _side(
        self, number: int, variant: Variant, cells: Sequence[Cell], base: Sequence[Cell]
    ) -> Html:
        others = {cell.repeat: cell for cell in base} if variant.name != self._baseline else {}
        shown = [
            join(
                tag("h3", f"Repeat {cell.repeat + 1}") if len(cells) > 1 else "",
                self._cell(cell, others.get(cell.repeat)),
            )
            for cell in cells
        ]
        nothing = tag("p", "Not run.", class_="soft")
        heading = tag("h3", page_frame.badge(number), variant.name)
        return tag("div", heading, *(shown or [nothing]), class_="side")

    def _cell(self, cell: Cell, base: Cell | None) -> Html:
        verdict = verdict_of(cell)
        grade, output = cell.grade, cell.output
        score = f" · score {grade.score:.3g}" if grade and grade.score is not None else ""
        reasons = [result.reason for result in grade.results] if grade else []
        reason = grade.reason if grade and grade.reason not in reasons else ""
        return join(
            tag("p", _verdict_mark(verdict), f" {verdict.value}{score}"),
            tag("p", tag("small", " · ".join(_measures(output)))) if output else "",
            long_text([(Edit.SAME, cell.error)]) if cell.error else "",
            self._output(output, base.output if base else None) if output else "",
            tag("p", _cut(reason, SHOWN)) if reason else "",
            _checks(grade.results) if grade and grade.results else "",
            _evidence(output) if output else "",
        )

    def _output(self, output: TargetOutput, base: TargetOutput | None) -> Html:
        if self._redaction.outputs:
            return _LEFT_OUT
        if not output.text:
            return tag("p", "The output is empty.", class_="soft")
        pieces = None
        if base and base.text and max(len(output.text), len(base.text)) <= _COMPARED:
            pieces = difference(base.text, output.text)
        return long_text(pieces or [(Edit.SAME, output.text)])


def long_text(pieces: Sequence[Piece], *, shown: int = SHOWN, most: int = MOST) -> Html:
    """Return a text with its marks: the beginning, and the rest behind “Show all”."""
    whole = sum(len(piece) for _, piece in pieces)
    if whole <= shown + 200:
        return tag("pre", _marked(pieces))
    first, rest = _split(pieces, shown)
    held, lost = _split(rest, most - shown)
    missing = sum(len(piece) for _, piece in lost)
    note = f"{missing:,} more characters are not in this page; the exports hold them."
    return join(
        tag("pre", _marked(first), "…"),
        tag(
            "details",
            tag("summary", f"Show all ({whole:,} characters)"),
            tag("pre", "…", _marked(held)),
            tag("p", note, class_="soft") if missing else "",
        ),
    )


def json_text(value: JsonValue) -> str:
    """Return a value to be read: a text as it is, others as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def legend(*, repeats: int) -> Html:
    """Return the meaning of every mark."""
    meanings = {Verdict.ERROR: "error, which says nothing of the output"}
    marks = [
        join(_verdict_mark(verdict), f" {meanings.get(verdict, verdict.value)} ")
        for verdict in Verdict
    ]
    mixed = page_frame.cell_mark("1/2", "mixed", label="mixed")
    share = join(mixed, " repeats disagree: how many of them passed") if repeats > 1 else ""
    return tag("p", *marks, share, class_="soft legend")


def _marked(pieces: Sequence[Piece]) -> Html:
    names = {Edit.ADDED: "ins", Edit.REMOVED: "del"}
    return join(
        *(text(piece) if edit is Edit.SAME else tag(names[edit], piece) for edit, piece in pieces)
    )


def _split(pieces: Sequence[Piece], size: int) -> tuple[list[Piece], list[Piece]]:
    """Return the first `size` characters and the rest."""
    first: list[Piece] = []
    for place, (edit, piece) in enumerate(pieces):
        if len(piece) > size:
            return [*first, (edit, piece[:size])], [(edit, piece[size:]), *pieces[place + 1 :]]
        first.append((edit, piece))
        size -= len(piece)
    return first, []


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[:most]}… ({len(words):,} characters)"


def _value(value: JsonValue) -> Html:
    return long_text([(Edit.SAME, json_text(value))], shown=_SHOWN_VALUE, most=_MOST_VALUE)


def _inputs(case: Case) -> Html:
    pairs = [(_cut(name, 100), _value(value)) for name, value in case.variables.items()]
    if case.expected is not None:
        pairs.append(("Expected", _value(case.expected)))
    return page_frame.facts(pairs) if pairs else Html("")


def _mark(variant: str, cells: Sequence[Cell]) -> Html:
    """Return the mark of a variant's repeats: their common verdict, or how many of them passed."""
    if not cells:
        return tag("span", "·", title=f"{variant}: not run", class_="soft")
    verdict = common_verdict(cells)
    passed = sum(verdict_of(cell) is Verdict.PASSED for cell in cells)
    if verdict is None:
        share = f"{passed}/{len(cells)}"
        label = f"{variant}: repeats disagree, {passed} of {len(cells)} passed"
        return tag("span", page_frame.cell_mark(share, "mixed", label=label))
    times = f" ×{len(cells)}" if len(cells) > 1 else ""
    label = f"{variant}: {verdict.value}{times}"
    mark = page_frame.cell_mark(f"{LETTERS[verdict]}{times}", _TONES.get(verdict, ""), label=label)
    return tag("span", mark)


def _verdict_mark(verdict: Verdict) -> Html:
    return page_frame.cell_mark(LETTERS[verdict], _TONES.get(verdict, ""), label=verdict.value)


def _measures(output: TargetOutput) -> Iterator[str]:
    tokens = (output.input_tokens, output.output_tokens)
    unusual = output.finish_reason not in (None, "stop")
    measures = (
        output.model,
        _cut(output.prompt_version, 40),
        output.latency_ms is not None and f"{output.latency_ms:,} ms",
        dollars(output.cost),
        None not in tokens and f"{tokens[0]:,} + {tokens[1]:,} tokens",
        output.cached and "from the cache",
        unusual and f"ended: {output.finish_reason}",
        output.outcome and f"outcome: {output.outcome.value}",
        output.choice and f"choice: {_cut(output.choice, 100)}",
        output.confidence is not None and f"confidence {output.confidence:.0%}",
        output.phrase,
    )
    yield from (measure for measure in measures if measure)


def _checks(results: Sequence[AssertionResult]) -> Html:
    return tag("ul", *(_check(result) for result in results), class_="checks")


def _check(result: AssertionResult) -> Html:
    graded = result.verdict in (Verdict.PASSED, Verdict.FAILED)
    about = (
        result.name,
        result.metric and result.type,
        result.required and "required",
        result.weight != 1 and f"weight {result.weight:g}",
        graded and 0 < result.score < 1 and f"score {result.score:.3g}",
        bool(result.cost) and f"judge {dollars(result.cost)}",
    )
    return tag(
        "li",
        _verdict_mark(result.verdict),
        f" {' · '.join(part for part in about if part)} ",
        tag("small", _cut(result.reason, SHOWN)) if result.reason else "",
        _checks(result.parts) if result.parts else "",
    )


def _evidence(output: TargetOutput) -> Html:
    """Return sources with their quotes, notices, tool calls and retrieved texts."""
    calls = [
        tag(
            "li",
            tag("code", _cut(f"{call.name} {call.arguments}", _SHOWN_VALUE)),
            " (failed)" if call.failed else "",
        )
        for call in output.tool_calls
    ]
    parts = [
        ("Sources", [_source(source) for source in output.sources]),
        ("Notices", [tag("li", _cut(notice, _SHOWN_VALUE)) for notice in output.notices]),
        ("Tool calls", calls),
        ("Retrieved", [tag("li", _cut(passage, _SHOWN_VALUE)) for passage in output.context]),
    ]
    return join(
        *(
            tag("details", tag("summary", f"{name} ({len(items)})"), tag("ul", *items))
            for name, items in parts
            if items
        )
    )


def _source(source: Source) -> Html:
    place = f", page {source.page}" if source.page else ""
    section = f", {source.section}" if source.section else ""
    quotes = [
        tag("p", f"“{_cut(quote.text, _SHOWN_VALUE)}”", " (weak)" if quote.weak else "")
        for quote in source.quotes
    ]
    return tag("li", f"[{source.number}] {source.document.name}{section}{place}", *quotes)
