"""`candor conversations files` and `summarise`."""

from pathlib import Path

from tests.backend.cli.conftest import Candor, read_json
from tests.use_cases.conversations.test_sniffing import PNG


def begun(candor: Candor) -> str:
    """The id of a new conversation."""
    return str(read_json(candor("ask", "How often are keys rotated?", "--json"))["chat_id"])


def test_a_file_is_attached_listed_downloaded_and_removed_with_its_conversation(
    candor: Candor, tmp_path: Path
) -> None:
    chat = begun(candor)
    assert "has no files" in candor("conversations", "files", chat).stderr
    image = tmp_path / "pictures" / "Rätsel.png"
    image.parent.mkdir()
    image.write_bytes(PNG)
    made = candor("conversations", "files", chat, "--attach", str(image))
    assert made.exit_code == 0, made.output
    file_id = made.stdout.strip()
    again = candor("conversations", "files", chat, "--attach", str(image))
    assert (again.stdout.strip(), again.stderr) == (file_id, "It was there already.\n")
    listed = candor("conversations", "files", chat)
    assert "image/png" in listed.stdout
    assert "Rätsel.png" in listed.stdout
    assert candor("conversations", "files", file_id).stdout == "Rätsel.png\n"
    assert Path("Rätsel.png").read_bytes() == PNG
    assert "exists already" in candor("conversations", "files", file_id).stderr
    assert candor("conversations", "files", file_id, "-o", "b.png").exit_code == 0
    assert candor("conversations", "remove", chat, "--yes").exit_code == 0
    assert candor("conversations", "files", file_id).exit_code == 3


def test_what_cannot_be_attached_says_why(candor: Candor, tmp_path: Path) -> None:
    chat = begun(candor)
    program = tmp_path / "a.png"
    program.write_bytes(b"MZ\x90\x00")
    refused = candor("conversations", "files", chat, "--attach", str(program), "--json")
    assert refused.exit_code == 2
    assert "attachment_renamed" in refused.output
    missing = str(tmp_path / "none.png")
    assert candor("conversations", "files", chat, "--attach", missing).exit_code == 2
    nowhere = candor("conversations", "files", "chat_9", "--attach", str(program))
    assert nowhere.exit_code == 3


def test_a_conversation_is_summarised_and_the_summary_written_by_hand(candor: Candor) -> None:
    chat = begun(candor)
    made = candor("conversations", "summarise", chat, "--offline")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("- user: How often are keys rotated?")
    assert "no model wrote it" in made.stderr
    mine = candor("conversations", "summarise", chat, "--write", "Ninety days {and} more.")
    assert (mine.stdout, mine.exit_code) == ("Ninety days {and} more.\n", 0)
    assert "own text" in mine.stderr
    assert read_json(candor("conversations", "summarise", chat, "--json"))["edited"] is True
    assert candor("conversations", "summarise", "chat_9").exit_code == 3


def test_a_file_is_summarised_too(candor: Candor, tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("Keys are rotated every ninety days.")
    attached = candor("conversations", "files", begun(candor), "--attach", str(text))
    file_id = attached.stdout.strip()
    made = candor("conversations", "summarise", file_id, "--offline")
    assert (made.stdout, made.exit_code) == ("- Keys are rotated every ninety days.\n", 0)
    assert "no model wrote it" in made.stderr
    shown = read_json(candor("conversations", "summarise", file_id, "--offline", "--json"))
    assert (shown["filename"], shown["run"]) == ("a.txt", "completed")
    by_hand = candor("conversations", "summarise", file_id, "--write", "Mine.")
    assert (by_hand.exit_code, by_hand.stdout) == (2, "")
    assert candor("conversations", "summarise", "file_9").exit_code == 3
