"""The `egide` command: one table of subcommands, each loading only what it needs."""

import argparse
import os
import socket
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import partial
from pkgutil import resolve_name
from typing import Final

from egide.kernel.audit.commands import COMMANDS as AUDIT
from egide.kernel.offers import Command
from egide.kernel.retention.offer import COMMAND as RETENTION
from egide.site.systems import declared

SETTINGS: Final = "egide.site.settings"
APPLICATION: Final = "egide.site.wsgi:application"
DEMO_ADDRESS: Final = "127.0.0.1:8000"
THREADS: Final = 8
PORT_DIGITS: Final = 5
# They need no database; only the one that is called pays for its options.
PURE: Final = {
    "compute": "applique une règle à chaque ligne d’un CSV",
    "protect": "protège un tableau par le secret statistique",
}
# What the largest import needs (20 Mo) with its form: a visitor's body is stored no further.
LARGEST_BODY: Final = 26_214_400


class CannotServe(Exception):
    """The server must not or cannot start; the message tells why and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit code of the process."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["manage"]:  # Django has its own options, help included
        return _run_with_server(_manage, argparse.Namespace(rest=arguments[1:]))
    parser, commands = _parser(arguments)
    if arguments and not arguments[0].startswith("-") and arguments[0] not in commands:
        _tell(f"Commande inconnue : « {arguments[0]} ». Voyez « egide --help ».", error=True)
        return 2
    args = parser.parse_args(arguments)
    if arguments[0] in PURE:
        return int(resolve_name(f"egide.site.{arguments[0]}:run")(args))
    return _run_with_server(args.run, args)


def _parser(arguments: Sequence[str]) -> tuple[argparse.ArgumentParser, Container[str]]:
    """Build the parser and its commands."""
    parser = argparse.ArgumentParser(
        prog="egide",
        description="Égide, systèmes d’information de la protection sociale.",
        add_help=False,
    )
    parser.add_argument_group("options").add_argument(
        "-h", "--help", action="help", help="affiche cette aide"
    )
    commands = parser.add_subparsers(title="commandes", metavar="COMMANDE", required=True)

    def add(
        name: str, run: Callable[[argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    demo = add("demo", _demo, f"prépare et sert la démonstration sur http://{DEMO_ADDRESS}")
    serve = add("serve", _serve, "sert l’application")
    for server in (demo, serve):
        server.add_argument(
            "--bind", default=DEMO_ADDRESS, metavar="HÔTE:PORT", help="adresse d’écoute"
        )
    for name, text in PURE.items():
        if arguments[:1] == [name]:
            resolve_name(f"egide.site.{name}:add_parser")(commands)
        else:
            commands.add_parser(name, help=text)
    policy = add("policy", _policy, "compile les déclarations dans PostgreSQL, ou dit les écarts")
    policy.add_argument("action", choices=["sync", "check"])
    conformity = add("conformity", _conformity, "clause, preuves, dernier résultat")
    conformity.add_argument("--json", action="store_true", help="sortie lisible par une machine")
    docs = add("docs", _docs, "écrit les pages de référence d’après les déclarations")
    docs.add_argument("--check", action="store_true", help="dit celles qui sont en retard")
    for command in _commands():
        command.add_arguments(add(command.name, partial(_of_a_system, command), command.help))
    jobs = add("jobs", _jobs, "fait à leurs heures les travaux de l’instance")
    jobs.add_argument("--once", action="store_true", help="fait chacun une fois, puis rend la main")
    add("stop", _stop, "arrête le serveur PostgreSQL embarqué")
    commands.add_parser("manage", help="commandes d’administration de Django", add_help=False)
    return parser, commands.choices


def _run_with_server(run: Callable[[argparse.Namespace], int], args: argparse.Namespace) -> int:
    """Run a subcommand; what stops it is a message for a person, not a traceback."""
    from egide.site.embedded import ServerUnavailable  # noqa: PLC0415 - `compute` needs no server

    try:
        return run(args)
    except (CannotServe, ServerUnavailable) as refusal:
        _tell(str(refusal), error=True)
        return 1


def _demo(args: argparse.Namespace) -> int:
    """Prepare the demo as the owner of the database, then serve it as the web login."""
    _check_free(args.bind)
    _tell("Préparation de la base…")
    _django()
    for line in resolve_name("egide.site.demo:prepare")():
        _tell(line)
    os.environ["EGIDE_DEMO"] = "1"
    return _become_web_server(args.bind)


def _serve(args: argparse.Namespace) -> int:
    """Serve an instance that the database protects as declared."""
    _check_free(args.bind)
    _django()
    return _become_web_server(args.bind)


def _policy(args: argparse.Namespace) -> int:
    """Compile the declarations, or print what the database has otherwise."""
    _django()
    if args.action == "sync":
        resolve_name("egide.kernel.access.compiler:sync")()
        _tell("Les protections de PostgreSQL sont à jour.")
        return 0
    drift = _drift()
    for line in drift:
        _tell(line)
    _tell("Écarts entre les déclarations et la base : " + str(len(drift)))
    for line in resolve_name("egide.kernel.access.compiler:cautions")():
        _tell(f"À savoir : {line}")
    return 1 if drift else 0


def _conformity(args: argparse.Namespace) -> int:
    """Print clause, proofs and last result."""
    _django()
    return int(resolve_name("egide.kernel.conformity.report:main")(args))


def _docs(args: argparse.Namespace) -> int:
    """Write the reference pages, or name those that the declarations have left behind."""
    _django()
    return int(resolve_name("egide.site.reference:run")(args, tell=_tell))


def _commands() -> Iterator[Command]:
    """Give the commands of the kernel, then those that the systems of this instance declare."""
    yield from AUDIT
    yield RETENTION
    for commands in declared("commands", "COMMANDS"):
        yield from commands


def _of_a_system(command: Command, args: argparse.Namespace) -> int:
    """Run what the kernel or a system declares."""
    _django()
    return int(resolve_name(command.run)(args, tell=_tell))


def _jobs(args: argparse.Namespace) -> int:
    """Do what the instance does by itself, as the owner of the database."""
    _django()
    return int(resolve_name("egide.site.jobs:run")(args, tell=_tell))


def _stop(_args: argparse.Namespace) -> int:
    """Stop the embedded servers of this checkout: the instance's and the tests'."""
    embedded = resolve_name("egide.site.embedded")
    home = embedded.home()
    stopped = [embedded.stop(place) for place in (home, home / embedded.TESTS)]
    _tell("PostgreSQL est arrêté." if any(stopped) else "PostgreSQL ne tournait pas.")
    return 0


def _manage(args: argparse.Namespace) -> int:
    """Hand over to Django's own administration."""
    _django()
    resolve_name("django.core.management:execute_from_command_line")(["egide manage", *args.rest])
    return 0


def _django() -> None:
    """Find or start the database, then set Django up as its owner."""
    embedded = resolve_name("egide.site.embedded")
    os.environ.setdefault("EGIDE_HOME", str(embedded.home()))
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = embedded.ensure()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    resolve_name("django:setup")()


def _drift() -> list[str]:
    """List where the database differs from the declarations."""
    drift: Iterable[str] = resolve_name("egide.kernel.access.compiler:drift")()
    return list(drift)


def _become_web_server(bind: str) -> int:
    """Replace this process, which owns the database, by one that only has the web login."""
    if drift := _drift():
        raise CannotServe(
            "Les protections de la base ne sont pas celles des déclarations ; "
            "le serveur ne démarre pas.\n"
            + "\n".join(f"  - {line}" for line in drift)
            + "\nLancez « egide policy sync », puis recommencez."
        )
    if closed := resolve_name("egide.site.logins:closed")():
        raise CannotServe(
            "La base refuse la connexion du site ; le serveur ne démarre pas.\n"
            + "\n".join(f"  - {line}" for line in closed)
            + "\nLancez « egide policy sync », puis recommencez."
        )
    _tell(f"Égide répond sur http://{bind} (Ctrl-C pour arrêter).")
    resolve_name("egide.site.logins:forget_owner")()
    os.environ["EGIDE_DB_LOGIN"] = "web"
    server = [
        f"--listen={bind}",
        f"--threads={THREADS}",
        f"--max-request-body-size={LARGEST_BODY}",
        APPLICATION,
    ]
    command = [sys.executable, "-m", "waitress", *server]
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, no shell


def _check_free(bind: str) -> None:
    """Refuse at once an address that another server holds."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or len(port) > PORT_DIGITS:
        raise CannotServe(f"Adresse d’écoute « {bind} » : HÔTE:PORT attendu.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except (OSError, OverflowError) as error:
            raise CannotServe(f"L’adresse {bind} n’est pas libre : {error}.") from error


def _tell(message: str, *, error: bool = False) -> None:
    """Print a line at once, even into a pipe."""
    print(message, file=sys.stderr if error else sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
