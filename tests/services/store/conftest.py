"""An open store on a file of its own, and a version of Candor with one revision more."""

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.store import store as opening
from services.store.store import REVISIONS, Store
from tests.templates import migrated_store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "candor.sqlite"


@pytest.fixture
def diary(file: Path) -> Path:
    """No database at all."""
    file.write_text("Dear diary, today I was taken for a database. " * 100)
    return file


@pytest.fixture
async def store(file: Path) -> AsyncGenerator[Store]:
    """Open."""
    store = Store(migrated_store(file))
    await store.open()
    yield store
    await store.close()


LATER = f"""
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{REVISIONS[-1]}"

def upgrade():
    with op.batch_alter_table("answers", recreate="always") as answers:
        answers.add_column(sa.Column("remarks", sa.Text()))
"""


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The newest revision of a version that has one more, which makes the answers anew."""
    migrations = tmp_path / "migrations"
    shutil.copytree(opening.MIGRATIONS, migrations)
    (migrations / "versions" / "v9000_remarks.py").write_text(LATER)
    monkeypatch.setattr(opening, "MIGRATIONS", migrations)
    monkeypatch.setattr(opening, "REVISIONS", (*REVISIONS, "9000"))
    return "9000"
