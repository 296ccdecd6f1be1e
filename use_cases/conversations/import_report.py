"""The report of a file of conversations, put together step by step."""

from collections import Counter
from collections.abc import Mapping, Sequence

from use_cases.conversations.errors import ConversationFormatUnknown
from use_cases.conversations.model import ConversationReport, Fault, ImportReport, NotRead


class ReportBuilder:
    """Collects the reports of conversations and what is none."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._reports: list[ConversationReport] = []
        self._not_read: list[NotRead] = []
        self._faults: list[Fault] = []

    def add(self, found: ConversationReport | NotRead | Fault) -> None:
        """Take the next one."""
        match found:
            case ConversationReport():
                self._reports.append(found)
            case NotRead():
                self._not_read.append(found)
            case Fault():
                self._faults.append(found)

    def report(self) -> ImportReport:
        """The report of the whole file.

        Raises, for a file without any conversation, the error of its first fault, or
        `ConversationFormatUnknown`.
        """
        if not self._reports:
            self._raise_without_conversation()
        return ImportReport(
            file=self._file,
            conversations=self._reports,
            not_read=self._not_read,
            faults=self._faults,
            messages=sum(one.messages for one in self._reports),
            kept=_sum([one.kept for one in self._reports]),
            hidden=_sum([one.hidden for one in self._reports]),
            not_understood=_sum([one.not_understood for one in self._reports]),
            irregular=_sum([one.irregular for one in self._reports]),
        )

    def _raise_without_conversation(self) -> None:
        if not self._faults:
            raise ConversationFormatUnknown(f"{self._file} holds no conversation.")
        first = self._faults[0]
        raise first.error or ConversationFormatUnknown(f"{first.place}: {first.detail}.")


def _sum(counts: Sequence[Mapping[str, int]]) -> Mapping[str, int]:
    total = Counter[str]()
    for one in counts:
        total.update(one)
    return dict(total.most_common())
