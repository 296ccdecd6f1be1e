"""The calibration of a judge in words."""

from dataclasses import replace

from backend.reports.verdict_words import judge_cautions, judge_finding, number, share
from tests.use_cases.playground.evaluations.test_judge_calibration import (
    answer,
    beside,
    calibrated,
    verdict,
)


def test_the_finding_names_the_counts_that_show_it() -> None:
    assert judge_finding(beside(40, 12, 1, 28)) == (
        "The judge passes too much: 12 of 40 failures were called passes. Use the corrected rates."
    )
    assert judge_finding(beside(40, 1, 20, 20)).startswith(
        "The judge fails too much: 20 of 60 good answers were called failures."
    )
    assert judge_finding(beside(20, 20, 20, 20)).startswith(
        "The judge may agree with people by chance alone: 20 of 40 failures were called passes, 20 of"
    )
    assert judge_finding(beside(40, 3, 4, 20)).startswith("The judge leans to neither side")


def test_too_few_labels_say_how_many_more() -> None:
    assert judge_finding(beside(10, 0, 0, 10, unlabelled=90)) == (
        "Too few labels (20 labels, 10 pass and 10 fail): label about 10 more."
    )
    assert judge_finding(beside(10, 0, 0, 5)).endswith("too few answers: run more cases.")
    (nobody,) = calibrated([answer(0)], [])
    assert judge_finding(nobody).startswith("Nobody has labelled its answers")
    assert list(judge_cautions(nobody)) == []


def test_what_limits_the_figures_is_said() -> None:
    answers = [answer(0), replace(answer(1), case="c0"), answer(2), answer(3, variant="b")]
    labels = [
        *(verdict(n) for n in (0, 1)),
        verdict(2, digest="old"),
        *(verdict(3, person=name, passed=name == "Bo") for name in ("Ada", "Bo")),
    ]
    (found,) = calibrated(answers, labels)
    assert list(judge_cautions(found)) == [
        "b has no corrected rate. There is no labelled answer.",
        "1 answer with as many passes as failures by people: left out.",
        "1 label of outputs that later ones replaced: left out.",
        "The 2 labelled answers are of 1 case: where answers of a case are alike, the intervals are "
        "too narrow.",
    ]


def test_a_figure_that_is_not_known_is_a_dash() -> None:
    (nobody,) = calibrated([answer(0)], [])
    assert (share(nobody.agreement.sensitivity), number(nobody.agreement.kappa)) == ("–", "–")
