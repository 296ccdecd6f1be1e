"""What one query may read: SQLite asks before it compiles each part of a statement.

A `Permit` says yes to SELECT, to columns of loaded tables, to listed functions and to recursion
(which the deadline and the memory budget bound), and no to all else. It keeps the sentence of its
first refusal, and which tables were read.
"""

import apsw

from services.tables.catalogue import Catalogue
from services.tables.functions import ALLOWED_FUNCTIONS

_STATEMENTS = {
    apsw.SQLITE_PRAGMA: "PRAGMA is not allowed.",
    apsw.SQLITE_ATTACH: "ATTACH is not allowed.",
    apsw.SQLITE_DETACH: "DETACH is not allowed.",
    apsw.SQLITE_TRANSACTION: "Transactions are not allowed.",
    apsw.SQLITE_SAVEPOINT: "Transactions are not allowed.",
}
_TABLES_MADE_WHEN_ASKED_FOR = ("sqlite_", "pragma_", "json")
"""How the names of tables begin that are in no list until a statement names them."""


class Permit:
    """The authorizer of one query. `refusal` is empty while nothing was refused."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._tables = catalogue.by_name
        self._forbidden = catalogue.forbidden
        self.read: set[str] = set()
        self.refusal = ""

    def __call__(
        self,
        action: int,
        first: str | None,
        second: str | None,
        database: str | None,
        _trigger: str | None,
    ) -> int:
        """SQLite's question, answered with `SQLITE_OK` or `SQLITE_DENY`."""
        refusal = self._refusal(action, first or "", (second or "").lower(), database)
        if not refusal:
            return apsw.SQLITE_OK
        self.refusal = self.refusal or refusal
        return apsw.SQLITE_DENY

    def _refusal(self, action: int, first: str, second: str, database: str | None) -> str:
        if action in (apsw.SQLITE_SELECT, apsw.SQLITE_RECURSIVE):
            return ""
        if action == apsw.SQLITE_READ:
            return self._read_refusal(first, second, database)
        if action == apsw.SQLITE_FUNCTION:
            if second in ALLOWED_FUNCTIONS:
                return ""
            return f"The function {second}() is not allowed."
        return _STATEMENTS.get(action, "Only SELECT is allowed; nothing can be changed here.")

    def _read_refusal(self, table: str, column: str, database: str | None) -> str:
        name = table.lower()
        if name in self._tables and database in (None, "main"):
            self.read.add(name)
            return ""
        # A subquery or CTE of which no column is used is asked about by its own name, without a
        # column or a database. Such a name is harmless unless something real has it.
        if not column and database is None and not self._is_real(name):
            return ""
        return f"The table {table!r} is not one of the loaded tables."

    def _is_real(self, name: str) -> bool:
        return name in self._forbidden or name.startswith(_TABLES_MADE_WHEN_ASKED_FOR)
