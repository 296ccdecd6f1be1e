"""Profiles out of folders: own ones, changed ones, broken ones."""

import os
from pathlib import Path

import pytest

from services.profiles.profile_folders import FolderProfiles
from use_cases.advice.errors import ProfileBroken, ProfileUnknown
from use_cases.advice.profile import Phrase

SMALL = "title: Small\ndescription: Little.\nprompts: {default: Help.}\n"
WHOLE = """\
title: Chess
description: Which opening to play.
option_label: opening
phrases:
  - {key: poor, phrase: Poor, starts: 0}
  - {key: fair, phrase: Fair, starts: 0.5}
  - {key: good, phrase: Good, starts: 0.755}
unverified_cap: fair
prompts: {default: Help., brief: Help in a word.}
fresh_words: [tournament, rating]
web_search: false
tables: [games]
entities:
  sql: SELECT opening AS name FROM games
  aliases: {Sicilian Defence: [Sicilian]}
  active_sql: SELECT 1 AS name, 2 AS reason
period: {word: move, also: [mv], current_sql: SELECT 1, ends_sql: SELECT 2}
comparison: {label: score, value_sql: SELECT 3, past_sql: SELECT 4}
outcome: {over_sql: SELECT 5, value_sql: SELECT 6}
disclaimer: Only a game.
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path


def test_the_shipped_ones_are_there_and_general_is_the_default() -> None:
    profiles = FolderProfiles()

    assert profiles.names() == ["fantasy-fpl", "fantasy-nfl", "general"]
    assert profiles.profile().profile_id == "general"


def test_every_part_of_a_file_is_in_the_profile(own: Path) -> None:
    (own / "chess.yml").write_text(WHOLE)
    profile = FolderProfiles(own=own).profile("chess")

    assert (profile.profile_id, profile.title) == ("chess", "Chess")
    assert profile.option_label == "opening"
    assert profile.phrases.phrases == (
        Phrase("poor", "Poor", 0),
        Phrase("fair", "Fair", 5_000),
        Phrase("good", "Good", 7_550),
    )
    assert (profile.unverified_cap, profile.web_search) == ("fair", False)
    assert profile.prompts == {"default": "Help.", "brief": "Help in a word."}
    assert (profile.fresh_words, profile.tables) == (("tournament", "rating"), ("games",))
    assert profile.entities is not None
    assert profile.entities.aliases == {"Sicilian Defence": ["Sicilian"]}
    assert profile.entities.active_sql == "SELECT 1 AS name, 2 AS reason"
    assert profile.period is not None
    assert (profile.period.word, list(profile.period.also)) == ("move", ["mv"])
    assert (profile.period.current_sql, profile.period.ends_sql) == ("SELECT 1", "SELECT 2")
    assert profile.comparison is not None
    assert (profile.comparison.value_sql, profile.comparison.past_sql) == ("SELECT 3", "SELECT 4")
    assert profile.outcome is not None
    assert (profile.outcome.over_sql, profile.outcome.value_sql) == ("SELECT 5", "SELECT 6")
    assert profile.disclaimer == "Only a game."


def test_what_a_file_leaves_out_is_none(own: Path) -> None:
    profile = FolderProfiles(own=own).profile("small")

    assert profile.entities is profile.period is profile.comparison is profile.outcome is None
    assert (profile.option_label, profile.web_search) == ("option", True)
    assert profile.phrases.wording(7_000) == "Likely (about 7 in 10)"
    assert profile.unverified_cap == "leaning"


def test_the_scale_of_earlier_clients_can_be_named(own: Path) -> None:
    (own / "small.yaml").write_text(SMALL + "phrases: confidence\n")
    scale = FolderProfiles(own=own).profile("small").phrases

    assert [scale.phrase(p).phrase for p in (0, 5_999, 6_000, 8_450, 8_500, 10_000)] == [
        "Not very confident",
        "Not very confident",
        "Fairly confident",
        "Fairly confident",
        "Highly confident",
        "Highly confident",
    ]


def test_an_own_file_replaces_a_shipped_one(own: Path) -> None:
    (own / "general.yaml").write_text(SMALL)

    assert FolderProfiles(own=own).profile().title == "Small"


def test_a_folder_that_is_not_there_is_none() -> None:
    profiles = FolderProfiles(own=Path("/nowhere/at/all"))

    assert profiles.names() == ["fantasy-fpl", "fantasy-nfl", "general"]
    assert profiles.unusable() == {
        "/nowhere/at/all": "The folder cannot be read: No such file or directory."
    }
    with pytest.raises(ProfileUnknown, match=r"The folder PROFILES_PATH cannot be read\.$"):
        profiles.profile("chess")


def test_a_file_in_the_place_of_the_folder_is_told(own: Path) -> None:
    profiles = FolderProfiles(own=own / "small.yaml")

    assert list(profiles.unusable().values()) == ["The folder cannot be read: Not a directory."]


def test_a_changed_file_counts_at_once_and_has_another_version(own: Path) -> None:
    profiles = FolderProfiles(own=own)
    before = profiles.profile("small")
    assert profiles.profile("small") is before
    (own / "small.yaml").write_text(SMALL.replace("Small", "Minor"))
    after = profiles.profile("small")

    assert (before.title, after.title) == ("Small", "Minor")
    assert before.version != after.version
    (own / "small.yaml").unlink()
    with pytest.raises(ProfileUnknown):
        profiles.profile("small")


def test_the_version_is_that_of_the_content(own: Path) -> None:
    before = FolderProfiles(own=own).profile("small").version
    os.utime(own / "small.yaml", (1, 1))

    assert FolderProfiles(own=own).profile("small").version == before


def test_other_files_are_no_profiles(own: Path) -> None:
    (own / "notes.txt").write_text("x")
    (own / ".hidden.yaml").write_text(SMALL)
    (own / "folder.yaml").mkdir()
    profiles = FolderProfiles(own=own)

    assert profiles.names() == ["fantasy-fpl", "fantasy-nfl", "general", "small"]
    assert profiles.unusable() == {}


def test_a_file_whose_name_cannot_be_a_profiles_is_named_with_the_reason(own: Path) -> None:
    for name in ("Bad Name.yaml", "small.yml", "loud.YAML"):
        (own / name).write_text(SMALL)
    (own / "lost.yaml").symlink_to(own / "nowhere")
    profiles = FolderProfiles(own=own)

    assert profiles.names() == ["fantasy-fpl", "fantasy-nfl", "general", "small"]
    assert profiles.unusable() == {
        "Bad Name.yaml": (
            "A profile's name has small letters, digits, `-` and `_` only, and at most 64."
        ),
        "lost.yaml": "It is no file that can be read.",
        "loud.YAML": "Its name must end in .yaml or .yml, in small letters.",
        "small.yml": "small.yaml has the same name and counts.",
    }


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("title: [\n", "line 2, column 1: "),
        ("", "it must be a mapping of fields to values."),
        ("- a\n- b\n", "it must be a mapping of fields to values."),
        ("1: x\n", "the field 1 must be a word; put it into quotes."),
        (SMALL + "title: Again\n", "line 4, column 1: 'title' is repeated."),
        ("title: !!python/object/apply:os.system [ls]\n", "could not determine a constructor"),
        ("title: T\n", "description: Field required; prompts: Field required."),
        (SMALL + "colour: red\n", "colour: Extra inputs are not permitted."),
        (SMALL + "web_search: 'no'\n", "web_search: Input should be a valid boolean."),
        (
            SMALL.replace("Small", "7"),
            "title: Input should be a valid string, and YAML reads this as a number or a date: ",
        ),
        (
            SMALL + "phrases: [{key: a, phrase: Yes, starts: 0}]\nunverified_cap: a\n",
            "bad.yaml: phrases.0.phrase: Input should be a valid string, "
            "and YAML reads this as true or false: put it into quotes.",
        ),
        (SMALL + "fresh_words: [no]\n", "fresh_words.0: Input should be a valid string, and YAML"),
        (SMALL + "fresh_words: [[a]]\n", "fresh_words.0: Input should be a valid string."),
        (SMALL.replace("default", "other"), "prompts: there must be one called `default`."),
        (SMALL + "option_label: Play er\n", "option_label: String should match pattern"),
        (SMALL + "entities: {aliases: {}}\n", "entities.sql: Field required."),
        (SMALL + "phrases: loud\n", "phrases: Input should be 'likelihood' or 'confidence'"),
        (SMALL + "phrases: []\nunverified_cap: a\n", "phrases: there must be at least one."),
        (
            SMALL + "phrases: [{key: a, phrase: A, starts: 0.1}]\nunverified_cap: a\n",
            "phrases: the first must start at 0.",
        ),
        (
            SMALL
            + "phrases: [{key: a, phrase: A, starts: 0}, {key: b, phrase: B, starts: 0}]\n"
            + "unverified_cap: a\n",
            "phrases: `b` must start above `a`.",
        ),
        (
            SMALL
            + "phrases: [{key: a, phrase: A, starts: 0}, {key: a, phrase: B, starts: 0.5}]\n"
            + "unverified_cap: a\n",
            "phrases: the key `a` is repeated.",
        ),
        (
            SMALL + "phrases: [{key: a, phrase: A, starts: 0}]\n",
            "unverified_cap: is required with phrases of your own.",
        ),
        (
            SMALL + "unverified_cap: sure\n",
            "unverified_cap: must be the key of a phrase; there are almost_no_chance, ",
        ),
        (
            SMALL + "phrases: [{key: a, phrase: A, starts: .nan}]\nunverified_cap: a\n",
            "phrases.0.starts: Input should be",
        ),
        (
            SMALL + "phrases: [{key: a, phrase: A, starts: true}]\nunverified_cap: a\n",
            "phrases.0.starts: Input should be a valid number.",
        ),
        (
            SMALL + "outcome: {over_sql: SELECT 1, value_sql: 'SELECT 1 WHERE :optoin = 1'}\n",
            "outcome.value_sql: `:optoin` gets no value in this query; it may use :option, :period.",
        ),
        (
            SMALL + "period: {word: week, ends_sql: 'SELECT :periode'}\n",
            "period.ends_sql: `:periode` gets no value in this query; it may use :period.",
        ),
        (
            SMALL + "entities: {sql: 'SELECT :today AS name'}\n",
            "entities.sql: `:today` gets no value in this query; it may use none.",
        ),
        (
            SMALL + "outcome: {over_sql: SELECT 1, value_sql: 'SELECT $option'}\n",
            "outcome.value_sql: `$option` gets no value in this query; it may use :option, :period.",
        ),
        (SMALL + "#" + "x" * 300_000, "it is larger than 256 KB."),
    ],
)
def test_a_fault_is_reported_with_file_and_field(own: Path, text: str, wrong: str) -> None:
    (own / "bad.yaml").write_text(text)
    profiles = FolderProfiles(own=own)

    with pytest.raises(ProfileBroken) as caught:
        profiles.profile("bad")
    assert caught.value.detail.startswith("bad.yaml: ")
    assert str(own) not in caught.value.detail  # it is told to whoever asks over HTTP, too
    assert wrong in caught.value.detail
    assert "bad" in profiles.names()
    assert profiles.profile("small").title == "Small"


def test_a_file_that_is_no_text_is_broken(own: Path) -> None:
    (own / "bad.yaml").write_bytes(b"\xff\xfe\x00title")

    with pytest.raises(ProfileBroken):
        FolderProfiles(own=own).profile("bad")
