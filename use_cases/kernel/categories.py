"""The validation of a category against the existing ones. Pure."""

from collections.abc import Sequence

from use_cases.kernel.errors import InvalidInput

_MOST_LISTED = 50


class CategoryUnknown(InvalidInput):
    """No stored document is in this category."""

    code = "category_unknown"
    title = "Unknown category"
    default_hint = "Name one that exists; `candor documents` shows the category of each document."


def require_category(category: str, known: Sequence[str]) -> None:
    """Raises `CategoryUnknown`, with a list of the known ones, unless `category` is one of them.

    Case and surrounding space are ignored.
    """
    if category.strip().casefold() in {one.strip().casefold() for one in known}:
        return
    if not known:
        raise CategoryUnknown(
            f"There is no category {category!r}: nothing has been ingested yet.",
            hint="Begin with: candor ingest FOLDER",
        )
    listed = ", ".join(sorted(known)[:_MOST_LISTED])
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    raise CategoryUnknown(f"There is no category {category!r}. There are: {listed}{more}.")
