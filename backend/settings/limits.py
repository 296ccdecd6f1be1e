"""Limits: a group of settings."""

from typing import ClassVar

from pydantic import Field

from backend.settings.group import SettingGroup


class LimitSettings(SettingGroup):
    """Limits."""

    heading: ClassVar[str] = "Limits"

    max_file_mb: float = Field(default=50.0, gt=0, le=2048)
    """Largest file that `candor ingest` reads, in MiB."""
    max_upload_mb: float = Field(default=25.0, gt=0, le=2048)
    """Largest file accepted over HTTP, in MiB."""
    max_body_kb: ClassVar[float] = 256.0
    """Largest HTTP request body other than an upload and `POST /api/chat`, in KiB. No setting: only uploads are longer."""
    max_chat_body_mb: ClassVar[float] = 4.0
    """Largest body of `POST /api/chat`, in MiB: a frontend sends its whole copy of the chat, and only the last message is read. No setting: a long chat fits into it."""
    read_processes: ClassVar[int] = 2
    """Maximum number of files read at the same time, each in a process of its own. No setting: each takes a whole core."""
    read_timeout_seconds: float = Field(default=60.0, gt=0, le=3600)
    """Time limit for reading one file. It counts from when reading begins."""
    read_memory_mb: ClassVar[int] = 1024
    """Memory limit for the process that reads one file, in MiB of address space. It applies on Linux only. No setting: a file that needs more is broken or hostile."""
    sql_timeout_seconds: ClassVar[float] = 2.0
    """Time limit for one read-only query on the tables. No setting: a longer one would keep other callers waiting."""
    sql_max_rows: ClassVar[int] = 200
    """Maximum number of rows that one read-only query returns. No setting: a model reads no more, and a person pages."""
    sql_max_kb: ClassVar[int] = 100
    """Maximum size of the result of one read-only query, in KiB. No setting: more does not fit into a model's context."""
