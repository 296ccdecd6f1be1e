"""The reliability diagram as SVG: what is in it, and that it is a sound file."""

from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from backend.reports.reliability_diagram import diagram
from use_cases.kernel.statistics.figures import Forecast
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


def drawn(rows: Sequence[Forecast], *, title: str = "All advice", bands: int = 10) -> str:
    scores = score_report(rows, coverage=0.8, bands=bands)
    return diagram(scores, calibration_report(rows, coverage=0.8, bands=bands), title=title)


def elements(text: str, kind: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(text).findall(f"{SVG}{kind}")


def points(text: str) -> list[ElementTree.Element]:
    return [circle for circle in elements(text, "circle") if circle.find(f"{SVG}title") is not None]


def numbers(element: ElementTree.Element, *names: str) -> list[float]:
    return [float(element.get(name) or "nan") for name in names]


def said(text: str) -> list[str | None]:
    return [words.text for words in elements(text, "text")]


def test_a_point_stands_where_what_was_stated_meets_what_happened() -> None:
    even, over, few = (numbers(point, "cx", "cy") for point in points(drawn(MIXED)))
    # The frame is 560 wide and high, its lower left corner at (84, 672).
    assert even == pytest.approx((84 + 0.55 * 560, 672 - 0.55 * 560))
    assert over == pytest.approx((84 + 0.85 * 560, 672 - 0.60 * 560))
    assert few == pytest.approx((84 + 0.95 * 560, 672 - 560))


def test_points_are_as_large_as_their_outcomes_are_many_and_coloured_by_verdict() -> None:
    found = points(drawn(MIXED))
    assert [numbers(point, "r") for point in found] == [[8.1], [10.0], [4.15]]
    assert [point.get("fill") for point in found] == ["#0072b2", "#d55e00", "#ffffff"]


def test_a_point_says_its_figures() -> None:
    assert points(drawn(MIXED))[1].findtext(f"{SVG}title") == (
        "[0.8, 0.9): stated 85.0% in the mean, 240 of 400 right "
        "(60.0%, interval 55.1% to 64.7%), beyond chance"
    )


def test_wilson_intervals_are_drawn_to_their_ends() -> None:
    lines = [numbers(line, "x1", "x2", "y1", "y2") for line in elements(drawn(MIXED), "line")]
    over = next(line for line in lines if line[:2] == [560, 560])
    # 240 of 400: 0.5513 to 0.6469
    assert over[2:] == pytest.approx([672 - 0.6469 * 560, 672 - 0.5513 * 560], abs=0.05)


def test_the_bars_below_count_what_was_stated() -> None:
    text = drawn(MIXED)
    heights = [numbers(bar, "height")[0] for bar in elements(text, "rect")[1:]]
    assert (len(heights), heights[8], heights[5], heights[0]) == (10, 68, 34, 0)
    assert {"200", "400", "4"} <= set(said(text))
    assert len(elements(drawn(MIXED, bands=20), "rect")) == 21


def test_the_head_says_n_coverage_and_the_errors_beside_chance() -> None:
    assert said(drawn(MIXED))[:3] == [
        "All advice",
        "604 outcomes (80% of the advice that can be scored), 58.6% right",
        "Brier 0.282 [0.260, 0.305] · calibration error 0.166, by chance alone 0.019",
    ]


def test_without_outcomes_the_frame_says_so() -> None:
    assert not points(drawn([]))
    assert {"No outcome yet", "Nothing to score yet"} <= set(said(drawn([])))


def test_the_svg_is_read_without_being_seen() -> None:
    root = ElementTree.fromstring(drawn(MIXED))
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title description")
    assert root.findtext(f"{SVG}title") == "All advice"
    assert "240 of 400 right" in (root.findtext(f"{SVG}desc") or "")


def test_the_svg_holds_its_words_whatever_they_are() -> None:
    text = drawn(MIXED, title='a <b> & "c" \x1b \ud800')
    assert ElementTree.fromstring(text.encode()).findtext(f"{SVG}title") == 'a <b> & "c"    '
    assert "<b>" not in text


def test_the_same_outcomes_give_the_same_bytes() -> None:
    assert drawn(MIXED) == drawn(MIXED)
    assert len(drawn(MIXED).encode()) < 14_000
