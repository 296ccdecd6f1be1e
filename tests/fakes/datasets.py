"""Datasets in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from use_cases.kernel.errors import Conflict
from use_cases.kernel.model import Caller, Page, page_of
from use_cases.kernel.prompts.prompt_registry import PromptChanged
from use_cases.playground.case_form import case_of, digest_of, record_of
from use_cases.playground.errors import DatasetNotFound
from use_cases.playground.model import Case, Dataset, DatasetVersion, PlacedCase
from use_cases.playground.ports import VersionDraft


class InMemoryDatasets:
    """Port `Datasets`: every version is a dictionary of its own."""

    def __init__(self) -> None:
        self.kept: dict[str, Dataset] = {}
        self.contents: dict[str, list[dict[str, PlacedCase]]] = {}
        self.published: dict[str, list[DatasetVersion]] = {}
        self.drafts: dict[str, tuple[VersionDraft, dict[str, PlacedCase], set[str]]] = {}
        self.attempts = 0

    async def add(self, dataset: Dataset) -> None:
        """Keep it."""
        self.kept[dataset.dataset_id] = dataset
        self.contents[dataset.dataset_id] = [{}]
        self.published[dataset.dataset_id] = []

    async def dataset(self, caller: Caller, dataset_id: str) -> Dataset:
        """One that the caller may see."""
        found = self.kept.get(dataset_id)
        if found is None or found.deleted_at or not _may_see(caller, found):
            raise DatasetNotFound(f"There is no dataset {dataset_id!r}.")
        return found

    async def datasets(
        self, caller: Caller, *, case_id: str | None = None, skip: int = 0, limit: int = 100
    ) -> Page[Dataset]:
        """The newest first."""
        found = [
            one
            for one in self.kept.values()
            if _may_see(caller, one)
            and one.deleted_at is None
            and (case_id is None or one.case_id == case_id)
        ]
        found.sort(key=lambda one: (one.created_at, one.dataset_id), reverse=True)
        return page_of(found[skip:], limit, total=len(found))

    async def change(self, dataset: Dataset, revision: int) -> Dataset:
        """Keep other fields."""
        now = self.kept[dataset.dataset_id]
        if now.revision != revision or now.deleted_at:
            raise PromptChanged(f"{dataset.name} is no longer at revision {revision}.")
        changed = replace(dataset, revision=revision + 1)
        self.kept[dataset.dataset_id] = replace(
            changed, version=now.version, item_count=now.item_count
        )
        return changed

    async def delete(self, caller: Caller, dataset_id: str, now: datetime) -> None:
        """Hide it."""
        found = await self.dataset(caller, dataset_id)
        self.kept[dataset_id] = replace(found, deleted_at=now)

    async def begin_version(self, dataset_id: str, *, keep: bool = False) -> VersionDraft:
        """A new attempt."""
        found = self.kept.get(dataset_id)
        if found is None or found.deleted_at:
            raise DatasetNotFound(f"There is no dataset {dataset_id!r}.")
        self.attempts += 1
        places = [one.place for each in self.contents[dataset_id] for one in each.values()]
        draft = VersionDraft(
            dataset_id, found.version + 1, self.attempts, max(places, default=-1) + 1, keep
        )
        before = dict(self.contents[dataset_id][-1]) if keep else {}
        self.drafts[dataset_id] = (draft, before, set())
        return draft

    async def put(self, draft: VersionDraft, items: Sequence[PlacedCase]) -> None:
        """Put them."""
        content, new = self._open(draft)
        for item in items:
            if item.case.key in new:
                raise Conflict("Two items have the same key or place.")
            new.add(item.case.key)
            content[item.case.key] = PlacedCase(item.place, _as_stored(item.case))

    async def remove(self, draft: VersionDraft, keys: Sequence[str]) -> None:
        """Leave them out."""
        for key in keys:
            self._open(draft)[0].pop(key, None)

    async def discard(self, draft: VersionDraft) -> None:
        """Forget the attempt."""
        if self.drafts.get(draft.dataset_id, (None,))[0] == draft:
            del self.drafts[draft.dataset_id]

    async def publish(
        self, draft: VersionDraft, *, author: str, now: datetime, note: str = ""
    ) -> DatasetVersion:
        """Keep the version, unless it equals the one before."""
        content, _ = self._open(draft)
        del self.drafts[draft.dataset_id]
        items = sorted(content.values(), key=lambda one: one.place)
        digest = sha256("".join(digest_of(one.case) for one in items).encode()).hexdigest()
        published = self.published[draft.dataset_id]
        if published and published[-1].digest == digest:
            return published[-1]
        version = DatasetVersion(
            dataset_id=draft.dataset_id,
            number=draft.number,
            digest=digest,
            item_count=len(items),
            created_at=now,
            author=author,
            note=note,
        )
        published.append(version)
        self.contents[draft.dataset_id].append({one.case.key: one for one in items})
        self.kept[draft.dataset_id] = replace(
            self.kept[draft.dataset_id],
            version=draft.number,
            item_count=len(items),
            updated_at=now,
        )
        return version

    async def version(self, dataset_id: str, number: int) -> DatasetVersion:
        """One of them."""
        for version in self.published.get(dataset_id, ()):
            if version.number == number:
                return version
        raise DatasetNotFound(f"There is no version {number} of {dataset_id}.")

    async def versions(
        self, dataset_id: str, *, skip: int = 0, limit: int = 100
    ) -> Page[DatasetVersion]:
        """The newest first."""
        return page_of(self.published[dataset_id][::-1][skip:], limit)

    async def items(
        self, dataset_id: str, number: int, *, after: int = -1, limit: int = 200
    ) -> Sequence[PlacedCase]:
        """In order."""
        found = self.contents[dataset_id][number].values()
        return [one for one in found if one.place > after][:limit]

    async def named(
        self, dataset_id: str, number: int, keys: Sequence[str]
    ) -> Mapping[str, PlacedCase]:
        """Those with these keys."""
        content = self.contents[dataset_id][number]
        return {key: content[key] for key in keys if key in content}

    def _open(self, draft: VersionDraft) -> tuple[dict[str, PlacedCase], set[str]]:
        found = self.drafts.get(draft.dataset_id)
        if found is None or found[0] != draft:
            raise PromptChanged("Another change of this dataset began meanwhile.")
        return found[1], found[2]


def _as_stored(case: Case) -> Case:
    digest_of(case)  # raises for what JSON cannot hold
    return case_of(record_of(case))


def _may_see(caller: Caller, dataset: Dataset) -> bool:
    return caller.owns_all or dataset.user_id == caller.user_id
