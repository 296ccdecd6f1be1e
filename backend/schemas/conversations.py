"""The JSON of a report on imported conversations."""

from collections.abc import Mapping, Sequence

from backend.schemas.schema import Schema


class ConversationReportReply(Schema):
    """One conversation. `branches` counts leaves; the maps count by type or reason."""

    place: str
    source: str
    source_id: str
    title: str
    messages: int
    branches: int
    kept: Mapping[str, int]
    hidden: Mapping[str, int]
    not_understood: Mapping[str, int]
    irregular: Mapping[str, int]


class NotReadReply(Schema):
    """A part of the file that was left out on purpose."""

    place: str
    reason: str


class FaultReply(Schema):
    """A place of the file that could not be read."""

    place: str
    detail: str


class ImportReportReply(Schema):
    """A file, with the sums over its conversations."""

    file: str
    parser_version: int
    messages: int
    kept: Mapping[str, int]
    hidden: Mapping[str, int]
    not_understood: Mapping[str, int]
    irregular: Mapping[str, int]
    conversations: Sequence[ConversationReportReply]
    not_read: Sequence[NotReadReply]
    faults: Sequence[FaultReply]
