"""The embedded server starts, is shared, repairs itself and lets nobody else in."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from egide.site import embedded
from egide.site.embedded import host
from egide.site.embedded.server import SOCKET, Server

pytestmark = pytest.mark.xdist_group("embedded")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home that any account may walk to, as pytest's own temporary directories forbid."""
    place = Path(tempfile.mkdtemp(prefix="egide-", dir="/tmp"))
    place.chmod(0o755)
    yield place / "home"
    embedded.stop(place / "home")
    shutil.rmtree(place)


@pytest.fixture
def url(home: Path) -> str:
    return embedded.ensure(home, durable=False)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def data(home: Path) -> Path:
    return home / "postgres" / "data"


def postmaster(home: Path) -> int:
    return int((data(home) / "postmaster.pid").read_text().split("\n", 1)[0])


def run_python(code: str, *args: object, **options) -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        cwd=root, capture_output=True, text=True, timeout=120, check=False, **options,
    )  # fmt: skip


def test_the_owner_is_no_superuser_of_a_utf8_database(url):
    rights = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'egide'"
    with psycopg.connect(url) as connection:
        assert connection.execute(rights).fetchone() == (False, True, True)
        assert connection.execute("SELECT upper('é'), current_user").fetchone() == ("É", "egide")


def test_nothing_listens_on_the_network(url):
    assert ask(url, "SELECT current_setting('listen_addresses')") == ""


def test_a_second_start_shares_the_first_server(home, url):
    first = postmaster(home)
    assert embedded.ensure(home) == url
    assert postmaster(home) == first


@pytest.fixture
def untouched(home: Path) -> Iterator[Path]:
    """A home where nothing was started yet, too deep for its socket to lie in it."""
    place = home.parent / ("deep" * 25)
    yield place
    embedded.stop(place)
    shutil.rmtree(place)


def test_two_commands_at_once_share_one_new_server(untouched):
    code = (
        "import sys; from pathlib import Path; from egide.site import embedded;"
        "print(embedded.ensure(Path(sys.argv[1]), durable=False))"
    )
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(lambda _: run_python(code, untouched), range(3)))
    assert [run.returncode for run in runs] == [0] * 3, [run.stderr for run in runs]
    assert len({run.stdout for run in runs}) == 1
    assert ask(runs[0].stdout.strip(), "SELECT 1") == 1


def test_a_killed_server_recovers_what_was_committed(home, url):
    embedded.stop(home)
    embedded.ensure(home, durable=True)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (line int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    before = ask(url, "SELECT count(*) FROM kept")
    killed = postmaster(home)
    os.kill(killed, signal.SIGKILL)
    assert (data(home) / "postmaster.pid").exists()
    assert ask(embedded.ensure(home, durable=True), "SELECT count(*) FROM kept") == before
    assert postmaster(home) != killed


def test_orphans_of_a_killed_server_end_before_the_next_starts(home, url):
    connection = psycopg.connect(url)
    backend = connection.info.backend_pid
    os.kill(backend, signal.SIGSTOP)  # it will not notice that its postmaster died
    os.kill(postmaster(home), signal.SIGKILL)
    assert backend in host.processes_in(data(home))
    embedded.ensure(home, durable=False)
    assert backend not in host.processes_in(data(home))
    connection.close()


@pytest.fixture
def zombie() -> Iterator[int]:
    """A dead process that its parent has not buried."""
    with subprocess.Popen(["true"]) as child:
        while Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            time.sleep(0.01)
        yield child.pid


@pytest.fixture
def stranger() -> Iterator[int]:
    """A live process that has nothing to do with PostgreSQL."""
    with subprocess.Popen(["sleep", "60"]) as child:
        yield child.pid
        child.kill()


@pytest.mark.parametrize("who", ["zombie", "stranger"])
def test_another_process_does_not_pass_for_the_server(home, url, who, request):
    pid = request.getfixturevalue(who)
    recorded = (data(home) / "postmaster.pid").read_text()
    socket_dir = Server(home, durable=False).socket_dir
    embedded.stop(home)
    (data(home) / "postmaster.pid").write_text(recorded.replace(recorded.split("\n")[0], str(pid)))
    (socket_dir / f"{SOCKET}.lock").write_text(f"{pid}\n{data(home)}\n")
    os.kill(pid, 0)
    assert ask(embedded.ensure(home, durable=False), "SELECT 1") == 1
    assert postmaster(home) != pid


def test_data_removed_under_a_live_server_start_afresh(untouched):
    url = embedded.ensure(untouched, durable=False)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE gone ()")
    shutil.rmtree(untouched / "postgres")
    embedded.ensure(untouched, durable=False)
    assert ask(url, "SELECT to_regclass('gone')") is None


def test_an_interrupted_creation_does_not_count(home, url):
    embedded.stop(home)
    data(home).rename(data(home).with_name("data.new"))
    (data(home).with_name("data.new") / "global" / "pg_control").unlink()
    embedded.ensure(home, durable=False)
    assert ask(url, "SELECT 1") == 1


def test_data_of_another_major_version_are_refused(home, url):
    embedded.stop(home)
    version = data(home) / "PG_VERSION"
    ours = version.read_text()
    version.write_text("15\n")
    with pytest.raises(embedded.ServerUnavailable, match="viennent de PostgreSQL 15"):
        embedded.ensure(home, durable=False)
    version.write_text(ours)
    assert ask(embedded.ensure(home, durable=False), "SELECT 1") == 1


def test_a_strict_umask_does_not_lock_the_server_out(home):
    elsewhere = home.parent / "strict" / "home"
    code = (
        "import os, sys; os.umask(0o077); from pathlib import Path;"
        "from egide.site import embedded;"
        "embedded.ensure(Path(sys.argv[1]), durable=False); print(embedded.stop(Path(sys.argv[1])))"
    )
    result = run_python(code, elsewhere)
    assert result.stdout == "True\n", result.stderr


def test_stop_tells_whether_it_ran(home, url):
    assert embedded.stop(home) is True
    assert embedded.stop(home) is False
    assert host.processes_in(data(home)) == []


@pytest.mark.parametrize("name", ["short", "l" * 120, "un département"])
def test_the_socket_path_is_short_and_plain(name):
    socket = Server(Path("/srv") / name, durable=True).socket_dir / SOCKET
    assert len(os.fsencode(socket)) < 100
    assert str(socket).isascii()


def test_a_squatted_socket_directory_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(embedded.ServerUnavailable, match="autre compte"):
        Server(tmp_path, durable=True)._own_directory(tmp_path / "run")


# As root, everything above ran under the account `egide`. Below, the launcher runs as a person:
# another account when we are root, which loads its modules before it leaves root's own files.
AS_A_PERSON = """
import importlib, os, sys
from pathlib import Path
import psycopg
from egide.site import embedded
from egide.site.embedded import host
try: psycopg.connect("host=/nowhere")  # loads what psycopg imports late
except psycopg.OperationalError: pass
home, programs, action = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
host.programs = lambda *, beside: programs
os.environ["EGIDE_HOME"] = str(home)
"""


@pytest.fixture
def readable_programs(home: Path, url: str) -> Path:
    return host.programs(beside=home)


def test_a_person_starts_a_server_of_their_own(readable_programs):
    place = Path(tempfile.mkdtemp(prefix="egide-", dir="/tmp"))
    place.chmod(0o777)
    code = AS_A_PERSON + (
        "url = embedded.ensure(durable=False)\n"
        "user = psycopg.connect(url).execute('SELECT current_user').fetchone()[0]\n"
        "print(user, home.stat().st_uid == os.geteuid(), oct(home.stat().st_mode)[-3:])\n"
        "print(embedded.stop())\n"
    )
    try:
        result = run_python(code, place / "home", readable_programs, "start")
        assert result.stdout.split() == ["egide", "True", "700", "True"], result.stderr
    finally:
        shutil.rmtree(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take another account")
@pytest.mark.parametrize("opened", [False, True], ids=["closed directory", "opened directory"])
def test_another_account_of_the_machine_is_refused(home, url, readable_programs, opened):
    code = AS_A_PERSON + "psycopg.connect(sys.argv[3])"
    socket_dir = Server(home, durable=False).socket_dir
    if opened:  # even then, the server asks the kernel who calls
        for path in (home / "postgres", socket_dir):
            path.chmod(0o755)
    try:
        result = run_python(code, home, readable_programs, url)
    finally:
        for path in (home / "postgres", socket_dir):
            path.chmod(0o700)
    assert result.returncode == 1
    assert ("Peer authentication failed" if opened else "Permission denied") in result.stderr
