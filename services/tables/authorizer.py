"""The authorizer of a query: SQLite calls it for each part of a statement that it compiles.

It allows SELECT, columns of loaded tables, listed functions and recursion (which the deadline and
the memory budget bound), and denies everything else. It keeps the message of its first refusal and
the tables that were read.
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
_VIRTUAL_PREFIXES = ("sqlite_", "pragma_", "json")
"""Prefixes of the names of tables that SQLite creates when a statement names them."""


class QueryAuthorizer:
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
        """Answers SQLite's request with `SQLITE_OK` or `SQLITE_DENY`."""
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
        # SQLite asks about a subquery or CTE without a used column by its own name, without a
        # column or a database. Such a name is harmless unless a real object has it.
        if not column and database is None and not self._is_real(name):
            return ""
        return f"The table {table!r} is not one of the loaded tables."

    def _is_real(self, name: str) -> bool:
        return name in self._forbidden or name.startswith(_VIRTUAL_PREFIXES)
