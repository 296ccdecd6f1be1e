"""The frame of a report: one self-contained page that opens in any browser, without a server.

Promises: no request leaves the page, and its Content-Security-Policy admits no style or script but its
own, by their hashes; light and dark; usable on a phone, by keyboard and on paper; without scripts only
the filters are missing. Leaves to others: what the page shows.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Generic, Literal, TypeAlias, TypeVar

from backend.reports.markup import Html, join, tag
from use_cases.playground.model import Interval

_STYLE = Html(Path(__file__).with_name("page.css").read_text(encoding="utf-8"))
_SCRIPT = Html(Path(__file__).with_name("page.js").read_text(encoding="utf-8"))

_FEW_ROWS = 500

Item = TypeVar("Item")

Tone: TypeAlias = Literal["good", "bad", "error", "mixed", ""]
"""The colour of a mark; a letter or word beside it always has the same meaning."""


def _source(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src {_source(_STYLE)}; script-src {_source(_SCRIPT)}; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
"""The policy that the page states, for a server to send as a header, too."""


def page_start(title: str, header: str) -> Html:
    """Return the page up to the beginning of `main`; `header` is markup above it."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">'),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", _STYLE),
    )
    return Html(
        f'<!doctype html>\n<html lang="en">\n{head}\n<body>\n{tag("header", header)}\n<main>\n'
    )


def page_end() -> Html:
    """Return the rest of the page, with its script."""
    return Html(f"</main>\n{tag('script', _SCRIPT)}\n</body>\n</html>\n")


@dataclass(frozen=True, slots=True)
class Column(Generic[Item]):
    """A column of a table: its header, and its text or markup for an item. Numbers stand to the right."""

    header: str
    show: Callable[[Item], str]
    is_number: bool = True


def table(label: str, items: Sequence[Item], columns: Sequence[Column[Item]]) -> Html:
    """Return a table, one row an item; its first column names the row.

    It scrolls sideways where it is too wide. A column that is empty or 0 in every row is left out.
    """
    shown = [[column.show(item) for item in items] for column in columns]
    kept = [
        (column, cells)
        for place, (column, cells) in enumerate(zip(columns, shown, strict=True))
        if place == 0 or any(cell not in ("", "0") for cell in cells)
    ]
    kinds = ["number" if column.is_number else None for column, _ in kept]
    head = [
        tag("th", column.header, scope="col", class_=kind)
        for (column, _), kind in zip(kept, kinds, strict=True)
    ]
    rows = [
        tag(
            "tr",
            tag("th", first, scope="row"),
            *(tag("td", cell, class_=kind) for cell, kind in zip(others, kinds[1:], strict=True)),
        )
        for first, *others in zip(*(cells for _, cells in kept), strict=True)
    ]
    whole = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows))
    return tag("div", whole, class_="scroll", role="region", aria_label=label, tabindex="0")


def interval_mark(
    value: float,
    interval: Interval | None,
    *,
    span: tuple[float, float] = (0, 1),
    tone: Tone = "",
    label: str,
) -> Html:
    """Draw a dot with its interval between the ends of a span; a span around 0 has a line there."""

    def at(place: float) -> str:
        share = (place - span[0]) / (span[1] - span[0])
        return f"{min(1.0, max(0.0, share)):.2%}"

    shapes = [tag("line", x1="0%", x2="100%", y1="50%", y2="50%", class_="axis")]
    if span[0] < 0 < span[1]:
        shapes.append(tag("line", x1=at(0), x2=at(0), y1="0%", y2="100%", class_="zero"))
    if interval:
        ends = {"x1": at(interval.low), "x2": at(interval.high)}
        shapes.append(tag("line", **ends, y1="50%", y2="50%", class_="reach"))
    shapes.append(tag("circle", cx=at(value), cy="50%", r=5))
    return _drawing(label, shapes, tone)


def length_mark(share: float, *, label: str) -> Html:
    """Draw a bar that fills a share (0 to 1) of its place."""
    bar = tag("rect", x="0%", y="25%", height="50%", width=f"{min(1.0, max(0.0, share)):.2%}")
    return _drawing(label, [bar], "")


def scale(words: tuple[str, str, str]) -> Html:
    """Return the left end, the middle and the right end of a span, to stand above its marks."""
    return tag("span", *(tag("span", word) for word in words), class_="ends")


def facts(pairs: Iterable[tuple[str, str]]) -> Html:
    """Return names with their values; empty values are left out."""
    return tag(
        "dl",
        *(join(tag("dt", name), tag("dd", value)) for name, value in pairs if value),
        class_="values",
    )


def filters(flags: Iterable[tuple[str, str]], *, differences: bool) -> Html:
    """Return the filters of the entries below: one box for each flag with its label, and a search.

    `differences` adds a box that shows or hides the marks of changed words.
    """
    boxes = [
        tag("label", tag("input", type="checkbox", name="flag", value=flag), label)
        for flag, label in flags
    ]
    search = tag("input", type="search", placeholder="Search in all texts", aria_label="Search")
    buttons = [
        tag("button", label, type="button", value=value)
        for value, label in (("open", "Open shown"), ("close", "Close all"))
    ]
    status = tag("span", role="status", class_="soft")
    bar = tag("div", *boxes, search, *buttons, status, class_="filters", role="search", hidden=True)
    if not differences:
        return bar
    box = tag("input", type="checkbox", id="differences", checked=True)
    return join(bar, tag("label", box, " Mark what differs from the baseline’s output"))


def matrix_head(first: str, columns: Iterable[Html], *, rows: int) -> Html:
    """Begin the entries; `matrix_entry` gives each of them, and `matrix_end` ends them.

    Browsers draw many rows as they come into view: so a page of 5,000 stays quick.
    """
    head = tag("div", tag("span", first), *columns, class_="row head")
    kind = "matrix many" if rows > _FEW_ROWS else "matrix"
    return Html(f'<div class="{kind}">\n{head}\n')


def matrix_entry(
    number: int, name: Html, cells: Iterable[Html], body: Html, *, flags: Iterable[str]
) -> Html:
    """Return one row of the matrix that opens to its body."""
    row = tag("summary", tag("span", name, class_="name"), *cells, class_="row")
    link = tag("p", tag("a", f"Link to row {number:,}", href=f"#entry-{number}"))
    entry = tag(
        "details",
        row,
        tag("div", body, link, class_="body"),
        class_="entry",
        id=f"entry-{number}",
        data_flags=" ".join(flags) or None,
    )
    return join(entry, "\n")


def matrix_end() -> Html:
    """End the entries."""
    return Html("</div>\n")


def cell_mark(word: str, tone: Tone, *, label: str) -> Html:
    """Return a coloured mark with its letter."""
    kind = f"cell {tone}" if tone else "cell"
    return tag("span", word, class_=kind, role="img", title=label, aria_label=label)


def badge(number: int) -> Html:
    """Return the number of a column, which stands for its name."""
    return tag("span", str(number), class_="badge")


def section(title: str, *content: str) -> Html:
    """Return a part of the page under its heading."""
    return join(tag("section", tag("h2", title), *content), "\n")


def _drawing(label: str, shapes: Sequence[Html], tone: Tone) -> Html:
    kind = f"mark {tone}" if tone else "mark"
    return tag("svg", *shapes, class_=kind, role="img", aria_label=label)
