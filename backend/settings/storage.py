"""Places where things are stored: a group of settings."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import quote, urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator, model_validator

from backend.installation import checkout
from backend.settings.group import UPPERCASE, SettingGroup


class StorageSettings(SettingGroup):
    """Places where things are stored."""

    heading: ClassVar[str] = "Where things are kept"

    data_dir: Path | None = None
    """Folder of the databases. Unset: one for each user, wherever a command is run (Linux: `~/.local/share/candor`, macOS: `~/Library/Application Support/candor`); a checkout of the source has its own, `var`."""
    models_dir: Path | None = None
    """Folder of the embedding model that runs on this machine. Unset: `models` in the user's folder, for all data folders and checkouts together."""
    knowledge_db: Path | None = None
    """File of the knowledge database (documents, passages, vectors, tables). Unset: the PostgreSQL server of DATABASE_URL, where that names one, else `knowledge.sqlite` in DATA_DIR. It can be rebuilt from the sources."""
    database_url: SecretStr | None = None
    """URL of the database for chats, recorded answers, advice and API keys, and on PostgreSQL for documents and tables, too, such as `postgresql+psycopg://…` or `sqlite+aiosqlite:////srv/candor.sqlite`. Unset: the server of POSTGRES_HOST, else `candor.sqlite` in DATA_DIR. Back this one up."""
    postgres_host: str | None = None
    """Host of a PostgreSQL server, instead of DATABASE_URL; the four below complete it."""
    postgres_port: int = Field(default=5432, ge=1, le=65535)
    """Port of POSTGRES_HOST."""
    postgres_db: str = "candor"
    """Name of the database at POSTGRES_HOST."""
    postgres_user: str = "candor"
    """Name of the user at POSTGRES_HOST."""
    postgres_password: SecretStr | None = None
    """Password of POSTGRES_USER, as it is: nothing in it needs a percent code."""
    sqlite_synchronous: Annotated[Literal["NORMAL", "FULL"], UPPERCASE] = "NORMAL"
    """How SQLite syncs to disk. NORMAL survives a crash of the program; FULL also survives a power failure, but writes more slowly."""

    @field_validator("data_dir", "models_dir", "knowledge_db")
    @classmethod
    def _home(cls, value: Path | None) -> Path | None:
        """No shell expands `~` in `.env`."""
        return None if value is None else value.expanduser()

    @model_validator(mode="after")
    def _one_database(self) -> Self:
        if self.database_url is not None and self.postgres_host is not None:
            raise ValueError("DATABASE_URL and POSTGRES_HOST name two databases; unset one of them")
        return self

    @property
    def data_path(self) -> Path:
        """Folder of the databases."""
        if self.data_dir is not None:
            return self.data_dir
        source = checkout()
        return source / "var" if source else _user_folder()

    @property
    def models_path(self) -> Path:
        """Folder of the local models."""
        return self.models_dir or _user_folder() / "models"

    @property
    def knowledge_path(self) -> Path:
        """File of the knowledge database."""
        return self.knowledge_db or self.data_path / "knowledge.sqlite"

    @property
    def store_is_server(self) -> bool:
        """Whether what people made is kept by a PostgreSQL server."""
        return self.store_url.startswith("postgresql")

    @property
    def knowledge_server(self) -> str | None:
        """URL of the PostgreSQL database of documents and tables; None where a file has them."""
        return self.store_url if self.store_is_server and self.knowledge_db is None else None

    @property
    def knowledge_place(self) -> str:
        """Where documents are, for a person: without a password."""
        return "the PostgreSQL server" if self.knowledge_server else str(self.knowledge_path)

    @property
    def tables_path(self) -> Path:
        """File in which tables are queried: the knowledge database, or the copy of a server's tables."""
        return (
            self.data_path / "tables-copy.sqlite" if self.knowledge_server else self.knowledge_path
        )

    @property
    def files_path(self) -> Path:
        """Folder of attached files, where no bucket is set."""
        return self.data_path / "files"

    @property
    def conversation_index_path(self) -> Path:
        """File of the index of conversations, which is made from the store by itself."""
        return self.data_path / "conversations-index.sqlite"

    @property
    def store_place(self) -> str:
        """Where what people made is kept, for a person to read: a file, or the server's name alone."""
        if self.postgres_host is not None:
            return self.postgres_host
        if self.database_url is None:
            return str(self.data_path / "candor.sqlite")
        parts = urlsplit(self.database_url.get_secret_value())
        return (
            parts.path.removeprefix("/")
            if parts.scheme.startswith("sqlite")
            else parts.hostname or "the PostgreSQL server"
        )

    @property
    def store_url(self) -> str:
        """URL of the database of what people made."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        if self.postgres_host is not None:
            secret = self.postgres_password.get_secret_value() if self.postgres_password else ""
            account = f"{quote(self.postgres_user, safe='')}:{quote(secret, safe='')}"
            host = f"[{self.postgres_host}]" if ":" in self.postgres_host else self.postgres_host
            name = quote(self.postgres_db, safe="")
            return f"postgresql://{account}@{host}:{self.postgres_port}/{name}"
        return f"sqlite+aiosqlite:///{self.data_path / 'candor.sqlite'}"


def _user_folder() -> Path:
    """Candor's folder among the user's data, by the rules of the platform."""
    return user_data_path("candor", appauthor=False)
