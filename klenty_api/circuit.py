"""Whether Klenty answers at all: calls conclude from each other instead of each waiting for itself."""

PATIENCE = 8.0  # seconds that a first attempt to read waits for its answer
SEVERAL = 2  # calls in a row without an answer: silent
GIVE_UP_AFTER = 20.0  # seconds of silence after which calls fail at once
COOL_OFF = 10.0  # seconds until Klenty is tried again with one call


class Circuit:
    """Silence noticed and ended. Not safe for threads by itself: `Throttle` holds the lock.

    After several unanswered calls only one at a time is sent, with all patience. If that is not answered either, all
    calls fail at once, except one now and then. Any answer, of whatever kind, ends the silence.
    """

    def __init__(self) -> None:
        self._unanswered, self._slowest = 0, 0.0
        self._since = 0.0
        self._closed_until: float | None = None

    @property
    def silent(self) -> bool:
        """Whether several calls in a row had no answer."""
        return self._unanswered >= SEVERAL

    def silent_for(self, now: float) -> float | None:
        """Return for how many seconds nothing was answered, None while Klenty answers."""
        return now - self._since if self.silent else None

    def patience(self, attempt: int) -> float:
        """Return the seconds to wait for the answer to the n-th attempt of a call that only reads.

        Longer where Klenty was seen to be slow, and as long as allowed where nothing else is known to work.
        """
        return 3600.0 if self.silent else max(PATIENCE, 3 * self._slowest) * 2 ** (attempt - 1)

    def closed(self, now: float, *, probing: bool) -> float | None:
        """Return for how long Klenty has been silent when a call should fail at once, else None."""
        if self._closed_until is None or (now >= self._closed_until and not probing):
            return None
        return now - self._since

    def record(self, sent_at: float, now: float, *, answered: bool | None) -> None:
        """Take note of a call that ended; `answered` is None when it says nothing, as when it was never sent.

        Args:
            sent_at: when the call left, in seconds of a monotonic clock.
            now: on the same clock.
            answered: None when it says nothing, as when it was never sent.
        """
        if answered:
            self._unanswered, self._closed_until = 0, None
            self._slowest = max(0.9 * self._slowest, now - sent_at)
        elif answered is not None:
            was_silent = self.silent
            self._since = min(self._since, sent_at) if self._unanswered else sent_at
            self._unanswered += 1
            if was_silent and now - self._since >= GIVE_UP_AFTER:
                self._closed_until = now + COOL_OFF
