"""The reliability diagram as SVG and PNG: what is in it, and that both are sound files."""

import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from backend.diagrams.drawing import Box, Disc, Line, Picture, Words
from backend.diagrams.png import png
from backend.diagrams.reliability_diagram import diagram
from backend.diagrams.svg import svg
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.report import calibration_report, score_report

SVG = "{http://www.w3.org/2000/svg}"


def forecasts(*bands: tuple[float, int, int]) -> list[Forecast]:
    """(probability, how many, how many of them right) of each."""
    return [
        Forecast(probability, place < right)
        for probability, count, right in bands
        for place in range(count)
    ]


MIXED = forecasts((0.55, 200, 110), (0.85, 400, 240), (0.95, 4, 4))


def drawn(rows: Sequence[Forecast], *, title: str = "All advice", bands: int = 10) -> Picture:
    scores = score_report(rows, coverage=0.8, bands=bands)
    return diagram(scores, calibration_report(rows, coverage=0.8, bands=bands), title=title)


def points(picture: Picture) -> list[Disc]:
    return [shape for shape in picture.shapes if isinstance(shape, Disc) and shape.hint]


def said(picture: Picture) -> list[str]:
    return [shape.text for shape in picture.shapes if isinstance(shape, Words)]


def test_a_point_stands_where_what_was_stated_meets_what_happened() -> None:
    even, over, few = points(drawn(MIXED))
    # The frame is 560 wide and high, its lower left corner at (84, 672).
    assert (even.x, even.y) == pytest.approx((84 + 0.55 * 560, 672 - 0.55 * 560))
    assert (over.x, over.y) == pytest.approx((84 + 0.85 * 560, 672 - 0.60 * 560))
    assert (few.x, few.y) == pytest.approx((84 + 0.95 * 560, 672 - 560))


def test_points_are_as_large_as_their_outcomes_are_many_and_coloured_by_verdict() -> None:
    even, over, few = points(drawn(MIXED))
    assert (over.radius, even.radius) == pytest.approx((10.0, 3.5 + 6.5 * 0.5**0.5))
    assert few.radius == pytest.approx(4.15)
    assert (even.fill, over.fill, few.fill) == ("#0072b2", "#d55e00", "#ffffff")


def test_a_point_says_its_figures() -> None:
    assert points(drawn(MIXED))[1].hint == (
        "[0.8, 0.9): stated 85.0% in the mean, 240 of 400 right "
        "(60.0%, interval 55.1% to 64.7%), beyond chance"
    )


def test_wilson_intervals_are_drawn_to_their_ends() -> None:
    shapes = [shape for shape in drawn(MIXED).shapes if isinstance(shape, Line)]
    over = next(line for line in shapes if line.x1 == line.x2 == 84 + 0.85 * 560)
    # 240 of 400: 0.5513 to 0.6469
    assert sorted((over.y1, over.y2)) == pytest.approx(
        [672 - 0.6469 * 560, 672 - 0.5513 * 560], abs=0.05
    )


def test_the_bars_below_count_what_was_stated() -> None:
    picture = drawn(MIXED)
    heights = [shape.height for shape in picture.shapes if isinstance(shape, Box)]
    assert len(heights) == 10
    assert heights[8] == 68
    assert heights[5] == 34
    assert heights[0] == 0
    assert {"200", "400", "4"} <= set(said(picture))


def test_the_head_says_n_coverage_and_the_errors_beside_chance() -> None:
    words = said(drawn(MIXED))
    assert words[0] == "All advice"
    assert words[1] == "604 outcomes (80% of the advice that can be scored), 58.6% right"
    assert words[2] == (
        "Brier 0.282 [0.260, 0.305] · calibration error 0.166, by chance alone 0.019"
    )


def test_without_outcomes_the_frame_says_so() -> None:
    picture = drawn([])
    assert not points(picture)
    assert "No outcome yet" in said(picture)
    assert "Nothing to score yet" in said(picture)
    ElementTree.fromstring(svg(picture))
    assert png(picture).startswith(b"\x89PNG")


def test_the_svg_is_read_without_being_seen() -> None:
    root = ElementTree.fromstring(svg(drawn(MIXED)))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title description"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text == "All advice"
    assert description is not None
    assert "240 of 400 right" in (description.text or "")
    assert len(root.findall(f"{SVG}circle/{SVG}title")) == 3


def test_the_svg_holds_its_words_whatever_they_are() -> None:
    text = svg(drawn(MIXED, title='a <b> & "c" \x1b \ud800'))
    root = ElementTree.fromstring(text.encode())
    assert root.findtext(f"{SVG}title") == 'a <b> & "c"    '
    assert "<b>" not in text


def test_the_same_outcomes_give_the_same_bytes() -> None:
    assert svg(drawn(MIXED)) == svg(drawn(MIXED))
    assert png(drawn(MIXED)) == png(drawn(MIXED))
    assert len(svg(drawn(MIXED)).encode()) < 14_000


def test_twenty_bands_are_twenty_bars() -> None:
    assert sum(isinstance(shape, Box) for shape in drawn(MIXED, bands=20).shapes) == 20


def test_the_png_decodes_and_shows_the_points() -> None:
    picture = drawn(MIXED)
    width, height, rows = decoded(png(picture))
    assert (width, height) == (2 * picture.width, 2 * picture.height)
    for point in points(picture)[:2]:
        x, y = round(point.x * 2), round(point.y * 2)
        assert rows[y][3 * x : 3 * x + 3].hex() == point.fill[1:]
    assert rows[2][:3] == b"\xff\xff\xff"


def decoded(data: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and rows of RGB bytes of a PNG, its checksums verified: PNG's own rules, by hand."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    place, found, width, height = 8, b"", 0, 0
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length])
        assert zlib.crc32(kind + body) == checksum
        if kind == b"IHDR":
            width, height, depth, colours, *_ = struct.unpack(">IIBBBBB", body)
            assert (depth, colours) == (8, 2)
        if kind == b"IDAT":
            found += body
        place += 12 + length
    return width, height, _unfiltered(zlib.decompress(found), width * 3)


def _unfiltered(raw: bytes, row: int) -> list[bytes]:
    starts = range(0, len(raw) + 1, row + 1)
    rows: list[bytes] = []
    before = bytes(row)
    for start, end in pairwise(starts):
        line = bytearray(raw[start + 1 : end])
        for place in range(row):
            left = line[place - 3] if place >= 3 else 0
            corner = before[place - 3] if place >= 3 else 0
            line[place] = (line[place] + _predicted(raw[start], left, before[place], corner)) % 256
        before = bytes(line)
        rows.append(before)
    return rows


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    if kind == 4:
        guess = left + above - corner
        return min((left, above, corner), key=lambda value: abs(guess - value))
    return (0, left, above, (left + above) // 2)[kind]
