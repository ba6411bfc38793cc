"""Files that a user names: regular ones are replaced as a whole, whatever else is there is written through."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conformance.report import ReportError
from conformance.report.files import appending, check, clear, writing


def write(path: Path, content: bytes = b"new") -> None:
    check(path, "the hint")
    with writing(path) as stream:
        stream.write(content)


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    place, link, far = tmp_path / "deep" / "place", tmp_path / "link", tmp_path / "far"
    place.parent.mkdir()
    place.write_bytes(b"old")
    link.symlink_to("deep/place")
    far.symlink_to("link")
    write(far)
    assert (far.is_symlink(), link.is_symlink(), place.read_bytes()) == (True, True, b"new")
    clear(far)
    assert (far.is_symlink(), link.is_symlink(), place.exists()) == (True, True, False)
    write(link, b"newer")
    assert place.read_bytes() == b"newer"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["deep", "far", "link", "place"]


def test_a_replaced_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "private"
    path.touch(0o600)
    write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_not_finished_leaves_the_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), writing(path) as stream:
        stream.writelines([b"half", "no bytes"])  # type: ignore[list-item]  # it breaks off here
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("report", b"old")]


def test_a_pipe_is_written_through_and_not_opened_before(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    check(pipe, "the hint")
    clear(pipe)
    reader.start()
    while True:  # until the reader is there
        try:
            with writing(pipe) as stream:
                stream.write(b"new" * 100_000)
            break
        except OSError as error:
            assert error.strerror == "nobody reads from it"  # noqa: PT017 (tried again)
    reader.join(10)
    assert (read, stat.S_ISFIFO(pipe.stat().st_mode)) == ([b"new" * 100_000], True)


def test_a_device_is_written_through(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    write(link)
    clear(link)
    assert link.is_symlink()
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    with pytest.raises(OSError, match="No space left"), writing(Path("/dev/full")) as stream:
        stream.write(b"new")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "out"])
def test_what_stdout_goes_to_is_written_behind_what_is_there(tmp_path: Path, name: str) -> None:
    code = (
        "import sys; from pathlib import Path; from conformance.report.files import *\n"
        f"print('before', flush=True); check(Path({name!r}), ''); clear(Path({name!r}))\n"
        f"with writing(Path({name!r})) as stream: stream.write(b'report\\n')\n"
        "print('after')"
    )
    place = tmp_path / "out"
    with place.open("wb") as out:
        subprocess.run([sys.executable, "-c", code], check=True, stdout=out, cwd=tmp_path, timeout=60)
    assert place.read_text() == "before\nreport\nafter\n"


def test_a_summary_is_appended_to_a_file_a_pipe_or_a_device(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    for _ in range(2):
        with appending(path) as stream:
            stream.write(b"x")
    assert path.read_bytes() == b"xx"
    with appending(Path("/dev/null")) as stream:
        stream.write(b"x")


def in_the_way(folder: Path, kind: str) -> Path:
    """A path of the given kind that cannot be written."""
    path = folder / "place"
    if kind == "a folder":
        path.mkdir()
    elif kind == "below a file":
        path.write_text("")
        path /= "below"
    elif kind == "a circle of links":
        path.symlink_to(path)
    elif kind == "a name too long":
        path = folder / ("x" * 300)
    elif kind == "in a folder of the kernel":
        path = Path("/proc/self/report")
    elif kind == "a link to nowhere that can be made":
        path.symlink_to("/proc/self/report")
    return path


@pytest.mark.parametrize(
    "kind",
    [
        "a folder", "below a file", "a circle of links", "a name too long", "in a folder of the kernel",
        "a link to nowhere that can be made",
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_found_beforehand(tmp_path: Path, kind: str) -> None:
    path = in_the_way(tmp_path, kind)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ReportError, match="the hint") as caught:
        check(path, "the hint")
    assert str(path) in caught.value.what
    assert sorted(tmp_path.rglob("*")) == before


def test_a_check_leaves_files_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_bytes(b"old")
    check(path, "the hint")
    check(tmp_path / "other", "the hint")
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("report", b"old")]


def test_a_socket_takes_no_report(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        with pytest.raises(OSError, match="nobody reads"), writing(tmp_path / "socket"):
            pass
    assert stat.S_ISSOCK((tmp_path / "socket").stat().st_mode)


def test_a_check_makes_no_folders_that_are_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "summary"
    with pytest.raises(ReportError, match="No such file or directory"):
        check(path, "the hint", parents=False)
    assert not path.parent.exists()
    check(path, "the hint")
    assert path.parent.exists()
