"""Which file a path names, before anything is opened."""

from pathlib import Path

from services.tables.structured_data import file_identity


def test_a_replaced_file_has_another_identity(tmp_path: Path) -> None:
    path = tmp_path / "knowledge.sqlite"
    assert file_identity(path) is None
    path.touch()
    first = file_identity(path)
    (tmp_path / "other").touch()
    (tmp_path / "other").replace(path)
    assert first is not None
    assert file_identity(path) not in (None, first)


def test_a_path_through_a_file_names_no_database(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert file_identity(tmp_path / "file" / "knowledge.sqlite") is None
