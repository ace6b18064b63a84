"""Work that only one of several processes does at a time."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from dashboard.data.database.accounts import format_time
from dashboard.data.database.engine import Database
from dashboard.data.database.errors import DatabaseError
from dashboard.data.database.tables import LEASES


def _now() -> datetime:
    return datetime.now(UTC)


class Lease:
    """The right to do the work called `name`, for `lasts`, taken again and again while it is done.

    A process that ends without giving it back loses it when it has run out, so choose `lasts` longer than the time
    between two calls of `take`, and longer than the clocks of the machines differ.
    """

    def __init__(
        self, database: Database, name: str, *, lasts: timedelta, clock: Callable[[], datetime] = _now
    ) -> None:
        self._leases = Leases(database, lasts=lasts, clock=clock)
        self._name = name

    def take(self) -> bool:
        """Take it, or take it for longer; False while another holds it."""
        return self._leases.take(self._name)

    def give_back(self) -> None:
        """Let others have it at once."""
        self._leases.give_back()


class Leases:
    """Many leases of one holder, for work that several processes divide between them. Safe for threads."""

    def __init__(self, database: Database, *, lasts: timedelta, clock: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._lasts = lasts
        self._clock = clock
        self._holder = uuid.uuid4().hex

    def take(self, name: str) -> bool:
        """Take the lease called `name`, or take it for longer; False while another holds it."""
        now = self._clock()
        row = {"name": name, "holder": self._holder, "until": format_time(now + self._lasts)}
        insert = self._database.insert(LEASES).values(**row)
        free = sa.or_(LEASES.c.holder == self._holder, LEASES.c.until < format_time(now))
        taken = insert.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": insert.excluded.holder, "until": insert.excluded.until},
            where=free,
        ).returning(LEASES.c.holder)
        with self._database.writing() as connection:
            return bool(connection.scalar(taken) == self._holder)

    def renew(self) -> None:
        """Hold all that are held for longer."""
        until = format_time(self._clock() + self._lasts)
        with self._database.writing() as connection:
            connection.execute(sa.update(LEASES).filter_by(holder=self._holder).values(until=until))

    def give_back(self) -> None:
        """Let others have all of them at once."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(LEASES).filter_by(holder=self._holder))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Renew what is held, in a thread of its own, until the end; then give it back."""
        ended = threading.Event()

        def renew() -> None:
            while not ended.wait(self._lasts.total_seconds() / 3):
                try:
                    self.renew()
                except DatabaseError:
                    continue  # the work meets it too, and says so

        thread = threading.Thread(target=renew, name="leases", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.give_back()
