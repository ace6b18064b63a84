"""Notes of people: kept with who and when; changed and deleted ones leave a trace."""

from datetime import date, timedelta

import pytest

from dashboard.data.history.day_notes import LONGEST_NOTE, DayNote, DayNotes, NoteError
from dashboard.services.what_changed import read_notes
from tests.data.history.conftest import NOW, cadence

DAY = date(2026, 11, 3)
A = cadence("A", id="1")


@pytest.fixture
def notes(history):
    return DayNotes(history.database, history.account)


def test_a_note_is_changed_and_deleted_and_all_of_it_stays_known(notes):
    number = notes.save(DayNote("  New   page ", DAY, DAY, "1"), person="ann@x.io", now=NOW)
    notes.save(DayNote("New page, live", DAY, DAY + timedelta(days=2), "1"), person="bob@x.io", number=number, now=NOW)
    (row,) = notes.in_force().to_dict("records")
    assert (row["text"], row["author"], row["first"], row["last"]) == (
        "New page, live", "bob@x.io", DAY, DAY + timedelta(days=2),
    )  # fmt: skip
    notes.delete(number, person="", now=NOW)
    assert notes.in_force().empty
    assert notes.changes()[["change", "author"]].to_numpy().tolist() == [
        ["written", "ann@x.io"], ["changed", "bob@x.io"], ["deleted", ""],
    ]  # fmt: skip
    with pytest.raises(NoteError, match="not there any more"):
        notes.delete(number, person="")
    with pytest.raises(NoteError, match="not there any more"):  # deleted by one person while another changed it
        notes.save(DayNote("Again", DAY, DAY, "1"), person="ann@x.io", number=number)
    assert notes.in_force().empty


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (DayNote("   ", DAY, DAY), "1 to 140"),
        (DayNote("x" * (LONGEST_NOTE + 1), DAY, DAY), "1 to 140"),
        (DayNote("x", DAY, DAY - timedelta(days=1)), "before the first"),
    ],
)
def test_what_is_no_note_is_refused(notes, note, said):
    with pytest.raises(NoteError, match=said):
        notes.save(note, person="")
    with pytest.raises(NoteError, match="not there"):
        notes.save(DayNote("x", DAY, DAY), person="", number=77)
    assert notes.changes().empty


def test_notes_are_each_accounts_own_and_carry_the_present_name(notes, history):
    history.record_listing([A], NOW)
    notes.save(DayNote("of A", DAY, DAY, "1"), person="")
    notes.save(DayNote("typed", DAY, DAY, "name:Typed"), person="")
    notes.save(DayNote("of all", DAY, DAY), person="")
    history.record_listing([cadence("A (new)", id="1")], NOW + timedelta(hours=1))
    found = read_notes(history)
    assert found[["cadence", "text", "kind"]].to_numpy().tolist() == [
        ["A (new)", "of A", "note"], ["Typed", "typed", "note"], ["", "of all", "note"],
    ]  # fmt: skip
    assert DayNotes(history.database, history.account + 1).in_force().empty
