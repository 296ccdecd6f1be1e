"""How a question frames its choice."""

import pytest

from use_cases.advice.comparison.framing import read_frame
from use_cases.advice.model import Frame, NamedEntity, Proposal
from use_cases.advice.profiles.entities import NamedEntities

A, B, C = "Ann Ash", "Bo Birch", "Cy Cedar"
FOUND = NamedEntities((NamedEntity(A, "Ann"), NamedEntity(B, "Birch"), NamedEntity(C, "Cy Cedar")))


@pytest.mark.parametrize(
    "question",
    [
        "Ann or Birch in week 3?",
        "Should I start Ann, Birch or Cy Cedar?",
        "Start or sit: Ann or Birch?",
        "Why not start Ann? Birch is there, too.",
        "Should I not start Ann or Birch?",
        "Is Ann out, or Birch?",
        "Ann or Birch in week 3 of 2021?",
        "Week 2 of the season: Ann or Birch?",
        "Start Ann in two of the last three games or Birch?",
        "Which two weeks are best for Ann or Birch?",
    ],
)
def test_a_plain_question_asks_for_the_best(question: str) -> None:
    assert read_frame(question, FOUND) == Frame()


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Do not start Ann. Birch or Cy Cedar?", (A,)),
        ("I don't want to start Ann: Birch or Cy Cedar?", (A,)),
        ("I can't play Ann or Birch, so Cy Cedar?", (A, B)),
        ("Anyone but Ann: Birch or Cy Cedar", (A,)),
        ("Birch or Cy Cedar, without Ann", (A,)),
        ("Ann is injured. Birch or Cy Cedar?", (A,)),
        ("Ann's out; Birch or Cy Cedar?", (A,)),
        ("Ann won't play, so start Birch or Cy Cedar?", (A,)),
    ],
)
def test_who_is_left_out_is_no_option(question: str, names: tuple[str, ...]) -> None:
    assert read_frame(question, FOUND) == Frame(left_out=names)


@pytest.mark.parametrize(
    ("question", "worse"),
    [
        ("Who should I bench, Ann or Birch?", "bench"),
        ("Sit Ann or Birch?", "sit"),
        ("who do i drop: ann or birch", "drop"),
        ("Which one should I leave out, Ann or Birch", "leave out"),
        ("Who should I not start, Ann or Birch?", "bench"),
        ("I start Cy Cedar anyway; do I bench Ann or Birch?", "bench"),
    ],
)
def test_the_worse_one_may_be_asked_for(question: str, worse: str) -> None:
    assert read_frame(question, FOUND) == Frame(worse=worse)


@pytest.mark.parametrize(
    ("question", "start", "bench"),
    [
        ("Ann over Birch?", A, B),
        ("Should I start Ann instead of Birch in week 3?", A, B),
        ("Bench Ann for Birch?", B, A),
        ("Do I bench Ann in week 3 for Birch?", B, A),
        ("Swap Ann for Birch", B, A),
        ("Sit Ann and start Birch?", B, A),
        ("Start Ann and sit Birch?", A, B),
        ("Bench Ann over Birch?", B, A),
    ],
)
def test_an_answer_may_be_proposed(question: str, start: str, bench: str) -> None:
    assert read_frame(question, FOUND) == Frame(proposal=Proposal(start, bench))


@pytest.mark.parametrize(
    ("question", "places", "worse"),
    [
        ("Start two of Ann, Birch, Cy Cedar", 2, ""),
        ("Which 2 do I play: Ann, Birch or Cy Cedar?", 2, ""),
        ("Pick the best two: Ann, Birch, Cy Cedar", 2, ""),
        ("Bench two of Ann, Birch, Cy Cedar", 2, "bench"),
        ("Which do I take, two out of these: Ann, Birch, Cy Cedar", 2, ""),
    ],
)
def test_several_may_be_asked_for(question: str, places: int, worse: str) -> None:
    assert read_frame(question, FOUND) == Frame(places=places, worse=worse)


def test_a_genitive_is_no_part_of_a_name() -> None:
    found = NamedEntities((NamedEntity(A, "Ann's"), *FOUND.entities[1:]))

    assert read_frame("Ann's hurt: Birch or Cy Cedar?", found) == Frame(left_out=(A,))


def test_it_is_known_whether_all_are_clear() -> None:
    assert read_frame(
        "Bench Ann or Bell?", NamedEntities(FOUND.entities[:1], (), unclear=True)
    ).unclear
