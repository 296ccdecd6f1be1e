"""What an offline answer says: a sentence with its number, both sides, or an honest "not found"."""

from dataclasses import replace
from datetime import date

import pytest

from services.models.offline.extractive_answer import (
    ABSTAIN_BELOW,
    BESIDE,
    FAR,
    HEDGE,
    HEDGE_BELOW,
    HEDGE_BY_WORDS,
    MARGIN,
    MOSTLY,
    NEARBY,
    UNHEARD_OF,
    compose,
)
from services.models.offline.quotation import quote
from services.models.offline.relevance import AnswerEvidence
from services.models.offline.whole_documents import outline
from tests.fakes.search import passage
from tests.services.models.offline.making import (
    SURE,
    UNSURE,
    entry,
    findings,
    quote_title,
    units_of,
)
from use_cases.kernel.model import Authority, LaneScore, Passage

LATER = date(2026, 3, 1)


def quote_text(text: str) -> str:
    (unit,) = units_of(passage(text))
    return quote(unit)


def test_the_best_sentence_is_quoted_with_its_number() -> None:
    two = [passage("Rotate every 90 days."), passage("Lunch is at noon.", number=2, name="b.md")]
    assert compose(findings(two)) == "Rotate every 90 days. [1]"


def test_sentences_nearly_as_good_are_listed_after_it() -> None:
    two = [passage("Rotate every 90 days."), passage("Never write them down.", number=2, name="b")]
    assert compose(findings(two, gap=MARGIN)) == (
        "Rotate every 90 days. [1]\n\nRelated:\n- Never write them down. [2]"
    )


def test_what_comes_next_is_listed_until_enough_is_quoted_but_nothing_far_below_the_best() -> None:
    long = " ".join(f"word{n}" for n in range(80))  # 550 characters
    texts = ["Rotate every 90 days.", f"It {long}.", f"Then {long}.", "Keep it."]
    many = [passage(text, number=n, name=f"{n}.md") for n, text in enumerate(texts, 1)]
    assert compose(findings(many, gap=MARGIN)) == (
        f"Rotate every 90 days. [1]\n\nRelated:\n- Keep it. [4]\n- It {long}. [2]\n- Then {long}. [3]"
    )
    assert compose(findings(many, gap=FAR + 1)) == "Rotate every 90 days. [1]"


def test_the_sentence_after_a_quoted_one_gives_way_to_one_that_is_nearly_as_good() -> None:
    two = [
        passage("Turn the key. Keep it in a box."),
        passage("Oil it every May.", number=2, name="b"),
    ]
    near, apart = findings(two, gap=BESIDE - 0.2), findings(two, gap=BESIDE + 0.2)
    assert compose(near).endswith("Related:\n- Oil it every May. [2]\n- Keep it in a box. [1]")
    assert compose(apart).endswith("Related:\n- Keep it in a box. [1]\n- Oil it every May. [2]")


def test_a_short_list_item_is_quoted_whole_and_a_long_one_by_its_sentence() -> None:
    text = "- [Zen](https://zen.example). Podcast software.\n- Another one."
    found = findings([passage(text, name="a.md")])
    second = replace(found, ranked=[found.ranked[1], found.ranked[0]])
    assert compose(second) == "Zen (https://zen.example). [1] Podcast software. [1]"
    long = findings([passage(f"- Vendor. {'Podcast ' * 40}software.", name="a.md")])
    assert compose(replace(long, ranked=long.ranked[1:])).startswith("Podcast")


def test_another_document_that_is_nearly_as_good_makes_an_answer_uncertain() -> None:
    two = [passage("Rotate every 90 days."), passage("Turn it weekly.", number=2, name="b")]
    assert compose(findings(two, gap=MARGIN - 0.1)).startswith(f"[tentative] {HEDGE}Rotate")
    same = [two[0], passage("Rotate every 90 days.", number=2, name="b")]
    assert compose(findings(same, gap=0.1)) == "Rotate every 90 days. [1]"


def test_a_sentence_that_introduces_a_list_is_quoted_with_its_items() -> None:
    text = "You may bring:\n\n- a lamp\n- a rope\n\nNothing else fits."
    said = compose(findings([passage(text)], gap=0.1))
    assert (
        said
        == "You may bring: [1]\n\n- a lamp [1]\n- a rope [1]\n\nRelated:\n- Nothing else fits. [1]"
    )
    bold = [passage("**You may bring:**\n\n- a lamp", name="a.md")]
    assert compose(findings(bold)) == "You may bring: [1]\n\n- a lamp [1]"
    alone = compose(findings([passage("Bring what you need:\n\nNothing is there.")]))
    assert alone == "Bring what you need: [1]"


def test_a_sentence_without_what_it_introduces_is_not_related() -> None:
    text = "Rotate every 90 days.\n\n**Lock the account:**\n\n- Tell us.\n"
    said = compose(findings([passage(text, name="a.md")], gap=MARGIN))
    assert said == "Rotate every 90 days. [1]\n\nRelated:\n- Tell us. [1]"


def test_a_sentence_is_not_said_twice() -> None:
    two = [passage("Rotate every 90 days."), passage("Rotate  every 90 DAYS.", number=2, name="b")]
    assert compose(findings(two, gap=0.1)) == "Rotate every 90 days. [1]"


def test_documents_that_state_the_same_are_shown_as_agreeing() -> None:
    texts = ["Keys are changed every 90 days.", "The keys are changed every 3 months."]
    texts += ["Keys are changed every ninety days.", "Keys are not changed every 90 days."]
    many = [passage(text, number=n, name=f"{n}.md") for n, text in enumerate(texts, 1)]
    assert compose(findings([many[0], many[2]], gap=MARGIN)) == (
        "Keys are changed every 90 days. [1][2] (2 documents say so.)"
    )
    assert "say so" not in compose(findings([many[0], many[3]], gap=MARGIN))
    parts = [
        passage(f"{part} alerts may be lost.", number=n, name=f"{n}.md")
        for n, part in enumerate(("Some", "All"), 1)
    ]
    assert "say so" not in compose(findings(parts, gap=MARGIN))


def test_a_table_row_is_read_without_its_bars() -> None:
    assert quote_text("| SK-450 | 4.2 kg | R448A |") == "SK-450: 4.2 kg, R448A"
    assert quote_text(r"| `a \| b` | either |  |") == "`a | b`: either"
    assert quote_text("| alone |") == "alone"


def test_code_stands_in_backticks() -> None:
    text = "```\nsystemctl restart gateway\n```"
    assert quote_text(text) == "`systemctl restart gateway`"
    assert quote_text("```\necho `date` [3]\n```") == "`` echo `date` [3] ``"


def test_a_wrapped_sentence_is_quoted_on_one_line() -> None:
    assert quote_text("Rotate\n  every\t90 days.") == "Rotate every 90 days."


def test_a_row_of_a_table_is_quoted_with_the_names_of_its_columns() -> None:
    head = "| Backup | Kept for | |\n| --- | --- | --- |\n"
    assert (
        quote_text(f"{head}| Nightly | 120 days | vault |") == "Nightly: Kept for: 120 days; vault"
    )
    assert quote_text(f"{head}| Nightly | | |") == "Nightly"
    assert quote_text(f"{head}| Nightly | 120 days |") == "Nightly: 120 days"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("See note [3] there.", "See note (3) there."),
        ("See [1, 3] and [2-4].", "See (1, 3) and (2-4)."),
        ("See 【7†source】 there.", "See (7†source) there."),
        ("See [^2] there.", "See (^2) there."),
        ("[refused] is what it says.", "(refused) is what it says."),
        ("[Not found] or [conflict].", "(Not found) or (conflict)."),
        ("A [link] and `rows[3]` stay.", "A [link] and `rows[3]` stay."),
        ("Between `a` the note [3] and `b`.", "Between `a` the note (3) and `b`."),
        ("An open ` and a note [3].", "An open ` and a note (3)."),
    ],
)
def test_a_documents_brackets_never_read_as_a_marker(text: str, said: str) -> None:
    assert quote_text(text) == said


def test_two_sources_of_one_standing_that_disagree_are_a_conflict() -> None:
    two = [
        quote_title(passage("The door must be 20 cm wider."), "Guide [1]"),
        quote_title(passage("The door must be 30 cm wider.", number=2, name="b.md"), "Handbook"),
    ]
    assert compose(findings(two)) == (
        "[conflict] Two documents disagree. "
        "Guide (1) (2026-01-15): The door must be 20 cm wider. [1] "
        "Handbook (2026-01-15): The door must be 30 cm wider. [2]"
    )


@pytest.mark.parametrize(
    "other",
    [
        passage("The door must be 30 cm wider.", number=2, name="b.md", updated=LATER),
        passage("The door must be 30 cm wider.", number=2, name="b", authority=Authority.OFFICIAL),
        passage("The door must be 20 cm wider.", number=2, name="b.md"),
        passage("The tank holds 30 litres.", number=2, name="b.md"),
        passage("The door must be wider.", number=2, name="b.md"),
        passage("The door must be 30 cm wider.", number=1),
    ],
    ids=["later", "more official", "same figure", "other matter", "no figure", "same document"],
)
def test_what_is_no_contradiction_of_equals_is_no_conflict(other: Passage) -> None:
    first = passage("The door must be 20 cm wider.")
    assert compose(findings([first, other])).startswith("The door must be 20 cm wider. [1]")


def test_the_current_version_answers_and_both_dates_are_named() -> None:
    old = passage("Screens lock after 15 minutes.", name="s-v1.md", updated=date(2022, 1, 1))
    new = passage("Screens lock after 5 minutes.", number=2, name="s-v2.md", updated=LATER)
    assert compose(findings([old, new])) == (
        "Screens lock after 5 minutes. [2] "
        "(From the version of 2026-03-01; it replaces the one of 2022-01-01.)"
    )


def test_an_outdated_document_alone_is_answered_from() -> None:
    old = quote_title(passage("Screens lock after 15 minutes."), "Old", superseded_by="new.md")
    assert compose(findings([old])) == "Screens lock after 15 minutes. [1]"


def test_too_little_evidence_asks_back_and_names_the_nearest_documents() -> None:
    three = [
        quote_title(passage("A b c d."), "Leave policy"),
        quote_title(passage("E f g h.", number=2, name="b"), "Travel [refused]"),
        quote_title(passage("I j k l.", number=3, name="c"), "Third"),
    ]
    assert compose(findings(three, evidence=UNSURE)) == (
        "[not_found] Do you mean the document “Leave policy” or “Travel (refused)”, "
        "and what exactly do you look for?"
    )


def test_what_no_document_speaks_of_is_named_where_it_is_half_of_the_question() -> None:
    lunch = quote_title(passage("We open at nine each morning."), "Glossary")
    found = findings([lunch], question="When does the canteen open in the morning?")
    rare = {"canteen": 7.0, "open": 2.7, "morn": 4.6}
    asked = replace(found, rarities=rare, unheard={"canteen": "canteen"})
    assert compose(asked) == (
        "[not_found] No document speaks of “canteen”. Do you mean the document “Glossary”, "
        "and what exactly do you look for?"
    )
    hyphened = replace(asked.question, text="Is there a canteen-like place?")
    assert "speaks of “canteen-like”." in compose(replace(asked, question=hyphened))
    less = replace(asked, unheard={"morn": "morning"})
    assert compose(less) == "We open at nine each morning. [1]"


def test_what_no_document_speaks_of_may_be_said_in_other_words() -> None:
    titled = [
        quote_title(passage("Lunch is at noon.", name="a"), "Lunch"),
        quote_title(passage("We open at nine.", number=2, name="b"), "Glossary"),
    ]
    found = findings(titled, question="When is the midday meal?")
    asked = replace(found, rarities={"middai": 7.0, "meal": 7.0}, unheard={"meal": "meal"})
    assert [unit.text for unit in asked.ranked] == ["Lunch is at noon.", "We open at nine."]
    best, other = asked.ranked
    fits = replace(best, features=replace(best.features, context=0.6))
    agreed = replace(asked, ranked=[fits, other])
    assert agreed.unheard_share >= UNHEARD_OF
    assert agreed.answers
    assert not replace(agreed, ranked=[fits]).answers  # one document always agrees with itself
    assert not replace(agreed, evidence=replace(SURE, near=NEARBY - 0.1)).answers
    elsewhere = replace(other, features=replace(other.features, context=0.9))
    assert not replace(agreed, ranked=[fits, elsewhere]).answers
    as_good = replace(other, score=best.score - MARGIN / 2)
    assert not replace(agreed, ranked=[fits, as_good]).answers
    words = [replace(w, features=replace(w.features, around=0.0)) for w in agreed.ranked]
    few = [replace(w, features=replace(w.features, covered_near=0.1)) for w in words]
    assert not replace(agreed, ranked=few).answers


def test_how_soon_is_no_part_of_what_a_question_is_about() -> None:
    kitchen = quote_title(passage("The kitchen is cleaned after 2 hours."), "Kitchen")
    found = findings([kitchen], question="How soon must the workshop be cleaned?")
    assert list(found.question.words) == ["workshop", "clean"]
    rare = {"workshop": 7.0, "clean": 2.1}
    removed = replace(found, rarities=rare, unheard={"workshop": "workshop"})
    assert compose(removed).startswith("[not_found] No document speaks of “workshop”. ")


def test_a_question_in_another_language_is_told_so_and_not_read_back_word_by_word() -> None:
    lunch = quote_title(passage("We open at nine each morning."), "Glossary")
    for question, said in (
        ("Hvor mange dager kan jeg bli her?", "Many words of your question are in no document."),
        ("Wer macht das Frühstück?", "No document speaks of “macht” or “Frühstück”."),
    ):
        found = findings([lunch], question=question)
        few = [replace(u, features=replace(u.features, covered_near=0.1)) for u in found.ranked]
        stems = found.question.words
        rare = dict.fromkeys(stems, 7.0)
        assert compose(replace(found, ranked=few, rarities=rare, unheard=stems)) == (
            f"[not_found] {said} Without a language model a question must be in the language of the "
            "documents. Do you mean the document “Glossary”, and what exactly do you look for?"
        )


def test_the_two_kinds_of_evidence_used_here_lie_on_both_sides_of_the_rule() -> None:
    assert SURE.probability > ABSTAIN_BELOW > UNSURE.probability


def test_middling_evidence_is_answered_with_a_warning() -> None:
    middling = AnswerEvidence(near=0.2, held=0.0, unmatched=0.1, unnamed=0.0, apart=0.0)
    assert ABSTAIN_BELOW < middling.probability < HEDGE_BELOW
    said = compose(findings([passage("Badges are checked daily.")], evidence=middling))
    assert said == f"[tentative] {HEDGE}Badges are checked daily. [1]"


def test_rankings_that_point_to_two_documents_make_an_answer_uncertain() -> None:
    two = [passage("Rotate every 90 days."), passage("Never write it.", number=2, name="b.md")]
    found = findings(two)
    first, second = found.ranked
    fits = replace(second, features=replace(second.features, context=0.9))
    assert not replace(found, ranked=[first, fits]).agree
    assert compose(replace(found, ranked=[first, fits])).startswith(f"[tentative] {HEDGE}Rotate")
    near = [
        replace(unit, entry=replace(unit.entry, hit=replace(unit.entry.hit, vector=at)))
        for unit, at in ((first, LaneScore(2, 0.4, 0.1)), (second, LaneScore(1, 0.6, 0.2)))
    ]
    assert found.agree
    assert not replace(found, ranked=near).agree


def test_what_words_alone_found_is_certain_only_where_most_of_the_question_stands_there() -> None:
    found = findings([passage("Rotate every 90 days.")])
    (only,) = found.ranked
    hit = replace(only.entry.hit, bm25=LaneScore(1, 3.0, 0.1))
    by_words = replace(only, entry=replace(only.entry, hit=hit))
    assert replace(found, ranked=[by_words]).are_certain
    less = replace(by_words, features=replace(only.features, covered_near=MOSTLY - 0.01))
    assert not replace(found, ranked=[less]).are_certain
    likely = replace(SURE, near=0.3)
    assert HEDGE_BELOW < likely.probability < HEDGE_BY_WORDS
    assert not replace(found, ranked=[by_words], evidence=likely).are_certain


def test_without_token_vectors_a_question_is_declined_where_little_of_it_stands_there() -> None:
    found = findings([passage("Cheese is made here.")], question="What is the moon made of?")
    found = replace(found, rarities={"moon": 6.0, "made": 3.0}, unheard={"moon": "moon"})
    (only,) = found.ranked
    for covered, around, answers in ((0.5, 0.0, True), (0.33, 0.0, False), (0.5, 0.5, False)):
        features = replace(only.features, covered_near=covered, around=around)
        assert replace(found, ranked=[replace(only, features=features)]).answers is answers


def test_a_summary_is_the_headings_with_the_sentence_that_each_begins_with() -> None:
    text = (
        "# Travel\n\nStatus: valid\n\nRules for all. They hold.\n\n## Hotels\n\nBook early. Cancel late.\n"
        "\n## Trains\n\n1. Sit down.\n2. Wait.\n"
    )
    found = quote_title(passage(text, section=""), "Travel")
    asked = findings([found], question="the travel rules")
    assert outline([entry(found)], asked) == (
        "“Travel” (2026-01-15), by its headings:\n\nRules for all. [1] They hold. [1]\n\n"
        "**Hotels**\n\nBook early. [1]\n\n**Trains**\n\n1. Sit down. [1]"
    )
    unsure = findings([found], question="the guests", evidence=UNSURE)
    assert outline([entry(found)], unsure).startswith(f"[tentative] {HEDGE}“Travel”")


def test_a_summary_says_more_of_a_section_than_that_something_follows() -> None:
    text = (
        "## Accidents\n\nIf one is hurt:\n\n- Call us.\n- Wait.\n\n## Heat\n\nThe hall is closed.\n"
    )
    found = quote_title(passage(text, section="", name="a.md"), "Safety")
    assert outline([entry(found)], findings([found], question="safety")).endswith(
        "**Accidents**\n\nIf one is hurt: [1]\n\n- Call us. [1]\n\n**Heat**\n\nThe hall is closed. [1]"
    )
    alone = quote_title(passage("Be on time. Say hello. Stay.", section="", name="a.md"), "Manners")
    assert outline([entry(alone)], findings([alone], question="manners")).endswith(
        "\n\nBe on time. [1] Say hello. [1] Stay. [1]"
    )


def test_a_draft_is_called_one() -> None:
    draft = quote_title(passage("Work from abroad is limited.", authority=Authority.DRAFT), "Idea")
    assert compose(findings([draft])).endswith("Work from abroad is limited. [1] (From a draft.)")
