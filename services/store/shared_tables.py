"""The tables by which processes on one database agree: leases, rates, and what keys have used."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Named, Table, TypedColumns

from services.store.columns import ExactDecimal, StoredId, UtcMoment
from services.store.metadata import metadata


class LeaseColumns(TypedColumns):
    """What a running process holds: a chat while it answers in it, a place among a key's answers.

    `name` is the chat's id or the key's. A lease whose moment `until` has passed holds nothing: its
    process was killed. `cancelled` asks the process to stop.
    """

    lease_id = Column(StoredId, primary_key=True)
    name: Named[str] = Column(StoredId, nullable=False)
    until: Named[datetime] = Column(UtcMoment, nullable=False)
    cancelled: Named[bool] = Column(nullable=False)


leases = Table("leases", metadata, LeaseColumns)
Index(None, leases.c.name)


class RateColumns(TypedColumns):
    """A bucket of requests, as the moment at which it will be full again (GCRA)."""

    name = Column(StoredId, primary_key=True)
    full_at: Named[datetime] = Column(UtcMoment, nullable=False)


rates = Table("rates", metadata, RateColumns)


class KeyUsageColumns(TypedColumns):
    """What a key used on a day (UTC). `estimated` counts the answers whose tokens or cost are not
    known and count as the settings say.
    """

    key_id: Named[str] = Column(
        StoredId, ForeignKey("api_keys.key_id", ondelete="CASCADE"), primary_key=True
    )
    day: Named[date] = Column(Date, primary_key=True)
    answers: Named[int] = Column(BigInteger, nullable=False)
    input_tokens: Named[int] = Column(BigInteger, nullable=False)
    output_tokens: Named[int] = Column(BigInteger, nullable=False)
    cost: Named[Decimal] = Column(ExactDecimal, nullable=False)
    estimated: Named[int] = Column(BigInteger, nullable=False)


key_usage = Table("key_usage", metadata, KeyUsageColumns)
