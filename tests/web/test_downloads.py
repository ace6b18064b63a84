"""Files made on a click: they are there when the browser comes for them, and a refusal is a sentence."""

import asyncio
from types import SimpleNamespace

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from dashboard.web import downloads
from dashboard.web.downloads import KEPT_FILES, KEPT_SECONDS, DownloadRefusedError, KeptFiles


@pytest.fixture
def files(monkeypatch):
    """Streamlit's own manager of files, and an empty store of kept ones."""
    manager = MediaFileManager(MemoryMediaFileStorage("/media"))
    monkeypatch.setattr(downloads, "get_instance", lambda: SimpleNamespace(media_file_mgr=manager))
    monkeypatch.setattr(downloads, "KEPT", KeptFiles())
    return manager


def ask(file):
    asked = BackMsg()
    asked.backend_operation_request.request_id = "r1"
    asked.backend_operation_request.deferred_file.file_id = file
    answered = ForwardMsg.FromString(asyncio.run(downloads.answer(asked))).backend_operation_response
    assert answered.request_id == "r1"
    return answered


def test_a_file_is_there_although_the_page_was_run_again_twice(files):
    file = files.add_deferred(lambda: b"a,b", "text/csv", "1.2", "bücher.csv")
    url = ask(file).deferred_file.url
    files.clear_session_refs()
    files.remove_orphaned_files()
    files.remove_orphaned_files()
    assert files.read_file(url.rpartition("/")[2]) is None
    answer = downloads.KEPT.response(url.rpartition("/")[2])
    assert answer.body == b"a,b"
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''b%C3%BCcher.csv"


def refused():
    raise DownloadRefusedError("Your role was taken away.")


def broken():
    raise ValueError("uma@example.com")


def test_a_refusal_and_a_fault_are_sentences(files, caplog):
    assert ask(files.add_deferred(refused, "text/csv", "1.2")).error_msg == "Your role was taken away."
    assert not [record for record in caplog.records if record.name == "dashboard"]
    message = ask(files.add_deferred(broken, "text/csv", "1.3")).error_msg
    assert "ValueError" in message
    assert "uma@" not in message
    assert ask("no-such-file").error_msg == downloads.NO_LONGER_OFFERED


def test_files_are_kept_for_a_minute_and_the_newest_ones():
    now = [0.0]
    kept = KeptFiles(lambda: now[0])
    file = SimpleNamespace(content=b"x", mimetype="text/csv", filename=None)
    for number in range(KEPT_FILES + 1):
        kept.keep(f"{number}.csv", file)
    assert kept.response("0.csv") is None
    assert kept.response("1.csv") is not None
    now[0] = KEPT_SECONDS - 1
    assert kept.response(f"{KEPT_FILES}.csv") is not None
    now[0] = KEPT_SECONDS
    assert kept.response(f"{KEPT_FILES}.csv") is None
