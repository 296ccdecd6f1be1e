"""The places of the passages of the second collection: stored, read, and as a condition of a search."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from services.index.relations import Among, Relations, Row, Value
from use_cases.conversations.search.model import ContentType, PassagePlace, TextConditions
from use_cases.kernel.text.plain_text import storable

_FROM = (
    " FROM candor_placed q JOIN candor_passages p ON p.passage_id = q.passage_id"
    " JOIN candor_documents d ON d.number = p.document"
)


def write_places(
    connection: Relations, passage_ids: Sequence[int], places: Sequence[PassagePlace]
) -> None:
    """Stores the places of new passages; they go with their passages."""
    connection.execute_many(
        "INSERT INTO candor_placed"
        " VALUES (:id, :text, :type, :role, :model, :branch, :created, :place)",
        [{"id": one, **_values(place)} for one, place in zip(passage_ids, places, strict=True)],
    )


def read_places(connection: Relations, passage_ids: Sequence[int]) -> dict[int, PassagePlace]:
    """Returns the places of these passages; ids that no longer exist are left out."""
    rows = connection.rows(
        "SELECT q.passage_id, d.uri, q.text_id, q.content_type, q.role, q.model, q.branch,"
        f" q.created_at, q.place{_FROM}"
        " WHERE q.passage_id IN :ids",
        {"ids": list(passage_ids)},
    )
    return {cast("int", row[0]): _place(row) for row in rows}


def among(conditions: TextConditions) -> Among | None:
    """Returns the passages that meet the conditions; None where there are none."""
    where: list[str] = []
    values: dict[str, Value | Sequence[Value]] = {}
    for name, column, wanted in (
        ("types", "q.content_type", [one.value for one in conditions.content_types]),
        ("roles", "lower(q.role)", [one.lower() for one in conditions.roles]),
        ("models", "lower(q.model)", [one.lower() for one in conditions.models]),
        ("chats", "d.uri", conditions.chat_ids),
    ):
        if wanted or (name == "chats" and wanted is not None):
            where.append(f"{column} IN :{name}")
            values[name] = list(wanted)
    if conditions.since is not None:
        where.append("q.created_at >= :since")
        values["since"] = _moment(conditions.since)
    if conditions.until is not None:
        where.append("q.created_at < :until")
        values["until"] = _moment(conditions.until)
    if not where:
        return None
    sql = f"SELECT q.passage_id{_FROM} WHERE {' AND '.join(where)}"
    return Among(sql, values)


def _values(place: PassagePlace) -> dict[str, Value]:
    return {
        "text": storable(place.text_id),
        "type": place.content_type.value,
        "role": storable(place.role),
        "model": storable(place.model),
        "branch": storable(place.branch),
        "created": _moment(place.created_at),
        "place": place.offset,
    }


def _place(row: Row) -> PassagePlace:
    values = cast("tuple[int, str, str, str, str, str, str, str, int]", row)
    _, chat_id, text_id, content_type, role, model, branch, created_at, offset = values
    return PassagePlace(
        chat_id=chat_id,
        text_id=text_id,
        content_type=ContentType(content_type),
        role=role,
        model=model,
        branch=branch,
        created_at=datetime.fromisoformat(created_at),
        offset=offset,
    )


def _moment(moment: datetime) -> str:
    """Returns a form that sorts as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
