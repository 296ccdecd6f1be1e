"""`candor samples` puts the sample company into a folder."""

from pathlib import Path

from tests.backend.cli.conftest import Candor


def test_the_samples_are_put_into_a_folder_and_left_alone_after(
    candor: Candor, tmp_path: Path
) -> None:
    result = candor("samples")
    assert result.exit_code == 0
    assert result.stdout.endswith(" files written to samples\n")
    assert result.stderr == "Continue with: candor ingest samples/documents\n"
    assert (tmp_path / "samples/documents/policies/security-policy-v2.md").is_file()
    assert (tmp_path / "samples/evals/handbook.yaml").is_file()
    assert (tmp_path / "samples/clean-tables/visits.yaml").is_file()
    assert not (tmp_path / "samples/nextjs-chat").exists()
    changed = tmp_path / "samples/README.md"
    changed.write_text("mine")
    assert candor("samples").stdout == "samples has them all\n"
    assert changed.read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_said(candor: Candor, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = candor("samples", "file")
    assert result.exit_code == 7
    assert "error[storage_read_only]: " in result.stderr


def test_the_next_command_can_be_copied_from_a_folder_with_a_space(candor: Candor) -> None:
    result = candor("samples", "our samples")
    assert result.stderr == "Continue with: candor ingest 'our samples/documents'\n"
