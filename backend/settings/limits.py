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
    max_body_kb: float = Field(default=256.0, gt=0, le=65536)
    """Largest HTTP request body other than an upload and `POST /api/chat`, in KiB."""
    max_chat_body_mb: float = Field(default=4.0, gt=0, le=64)
    """Largest body of `POST /api/chat`, in MiB: a frontend sends its whole copy of the chat, and only the last message is read."""
    read_processes: int = Field(default=2, ge=1, le=64)
    """Maximum number of files read at the same time, each in a process of its own."""
    read_timeout_seconds: float = Field(default=60.0, gt=0, le=3600)
    """Time limit for reading one file. It counts from when reading begins."""
    read_memory_mb: int = Field(default=1024, ge=256, le=1048576)
    """Memory limit for the process that reads one file, in MiB of address space. It applies on Linux only."""
    sql_timeout_seconds: float = Field(default=2.0, gt=0, le=60)
    """Time limit for one read-only query on the tables."""
    sql_max_rows: int = Field(default=200, ge=1, le=10000)
    """Maximum number of rows that one read-only query returns."""
    sql_max_kb: int = Field(default=100, ge=1, le=65536)
    """Maximum size of the result of one read-only query, in KiB."""
