"""Write the reference pages from the declarations: data, habilitations, durations, clauses."""

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from django.apps import apps

from egide.kernel.access.compiler.statements import table_of
from egide.kernel.access.policy import POLICIES, Allow, Policy, same_organisme
from egide.kernel.catalogue.declarations import REGISTRY, Catalogue, Line, Purpose, Volet
from egide.kernel.conformity.clauses import ROOT, Clause, known_systems
from egide.kernel.conformity.clauses import text as text_of
from egide.kernel.retention.archives import Archive, Grain
from egide.kernel.retention.clocks import Dating, Delay, First, Keep
from egide.kernel.retention.declarations import SCHEDULES, FallsWith, Lasting, Schedule

PLACE = ROOT / "docs" / "reference"
HEAD = (
    "<!-- Page écrite par `egide docs` d’après les déclarations : "
    "modifiez-les, puis lancez la commande. -->\n\n"
)
NOBODY = "—"
VERBS = {"SELECT": "lire", "INSERT": "créer", "UPDATE": "modifier", "DELETE": "supprimer"}
COLUMNS = ("Donnée", "Colonne", "Catégorie", "Texte", "Facultative", "Lue pour", "Changée pour")


def run(args: Namespace, *, tell: Callable[..., None]) -> int:
    """Write the pages; or, asked to check, name those that are out of date."""
    if not PLACE.is_dir():
        tell(f"{PLACE} : ce dossier n’existe qu’avec le code source.", error=True)
        return 1
    late = [name for name, text in pages().items() if _kept(PLACE / name) != text]
    if args.check:
        for name in late:
            tell(f"{name} : en retard sur les déclarations ; lancez « egide docs ».")
        return 1 if late else 0
    for name in late:
        (PLACE / name).write_text(pages()[name], encoding="utf-8")
    tell(f"Pages écrites : {len(late)} ; à jour : {len(pages()) - len(late)}.")
    return 0


def pages() -> dict[str, str]:
    """Give the text of each page, by its name in docs/reference."""
    return {
        "donnees.md": _page("Les données", _donnees()),
        "habilitations.md": _page("Les habilitations", _habilitations()),
        "durees.md": _page("Les durées de conservation", _durees()),
        "clauses.md": _page("Les clauses", _clauses()),
    }


def _kept(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _page(title: str, parts: Iterable[str]) -> str:
    return HEAD + "\n\n".join([f"# {title}", *parts]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in lines)


def _names(purposes: Iterable[Purpose]) -> str:
    return ", ".join(sorted({p.label for p in purposes})) or NOBODY


def _model(label: str) -> str:
    return label.partition(".")[2]


def _donnees() -> Iterator[str]:
    yield "Une colonne qui n’a pas de ligne ici empêche le serveur de démarrer."
    for catalogue in REGISTRY:
        yield f"## {catalogue.label} (`{catalogue.system}`)"
        yield _table(
            ["Finalité", "Texte"],
            [[purpose.label, purpose.source] for purpose in catalogue.purposes],
        )
        for volet in sorted(catalogue.volets, key=lambda v: v.model):
            yield f"### {_model(volet.model)}"
            yield _table(
                COLUMNS,
                [_line(catalogue, volet, name) for name in sorted(volet.lines)],
            )
        if catalogue.forbidden:
            yield f"### Ce que `{catalogue.system}` ne tient jamais"
            yield _table(
                ["Refus", "Texte"],
                [[refusal.reason, refusal.source] for refusal in catalogue.forbidden],
            )


def _line(catalogue: Catalogue, volet: Volet, name: str) -> list[str]:
    line: Line = volet.lines[name]
    fields = {f.attname: f for f in apps.get_model(volet.model)._meta.concrete_fields}
    return [
        str(fields[name].verbose_name),
        f"`{name}`",
        str(line.category.value),
        line.source,
        "oui" if line.optional else "non",
        _names(p for p in catalogue.purposes if name in volet.readable(p)),
        _names(p for p in catalogue.purposes if name in volet.updatable(p)),
    ]


def _habilitations() -> Iterator[str]:
    yield (
        "Rien n’est permis qui ne soit écrit ici. Chaque permission vaut pour une finalité, et "
        "pour les seules colonnes que [les données](donnees.md) lui ouvrent. PostgreSQL tient la "
        "même liste, verbe par verbe : il demande un rôle d’ici, tenu là où la ligne se trouve."
    )
    for catalogue in REGISTRY:
        if not catalogue.roles:
            continue
        yield f"## {catalogue.label} (`{catalogue.system}`)"
        for role, label in sorted(catalogue.roles.items()):
            allows = [
                (policy, allow)
                for policy in POLICIES
                for allow in policy.allows
                if policy.catalogue is catalogue and str(allow.role) == str(role)
            ]
            yield f"### {label} (`{role}`)"
            yield (_allowed(allows) if allows else "Ne lit ni n’écrit aucun dossier.")
        yield from _separations(catalogue)


def _allowed(allows: Iterable[tuple[Policy[object], Allow]]) -> str:  # type: ignore[type-var]  # any model
    rows = sorted(
        [
            allow.purpose.label,
            policy.model.__name__,
            _verbs(policy, allow),
            _where(policy, allow),
        ]
        for policy, allow in allows
    )
    return _table(["Finalité", "Données", "Peut", "Dans"], rows)


def _where(policy: Policy[object], allow: Allow) -> str:  # type: ignore[type-var]  # any model
    place = "son organisme" if allow.when is same_organisme else "ses services"
    only = policy.volet.only.get(allow.purpose)
    return f"{place}, `{only.column}` parmi : {', '.join(only.words)}" if only else place


def _verbs(policy: Policy[object], allow: Allow) -> str:  # type: ignore[type-var]  # any model
    """Give what the role may do, as the row policies are compiled from it."""
    held = table_of(policy.volet).verbs(allow.purpose)
    return ", ".join(word for verb, word in VERBS.items() if str(allow.role) in held.get(verb, ()))


def _separations(catalogue: Catalogue) -> Iterator[str]:
    if catalogue.separations:
        yield "### Rôles à ne pas réunir"
        labels: Mapping[str, str] = {str(k): v for k, v in catalogue.roles.items()}
        yield _table(
            ["Rôles", "Pourquoi", "Texte"],
            [
                [" ; ".join(sorted(labels[str(r)] for r in s.roles)), s.reason, s.source]
                for s in catalogue.separations
            ],
        )


def _durees() -> Iterator[str]:
    yield "`egide retention run` applique ces durées ; `--dry-run` compte sans rien détruire."
    for schedule in SCHEDULES:
        yield f"## `{schedule.system}`"
        yield _table(
            ["Données", "Durée", "Après", "Ensuite", "Sauf si", "Texte"],
            [_clock(schedule, clock) for clock in schedule.clocks],
        )
        yield "Détruits avec lui : " + _falling(schedule) + "."
        yield _table(
            ["Reste", "Parce que", "Texte"],
            [
                [_model(rule.model), rule.because, rule.source]
                for rule in schedule.rules
                if isinstance(rule, Lasting)
            ],
        )
        yield _table(
            ["Trace des agents", "Durée"],
            [
                ["lignes de la trace, par mois entiers", _delay(schedule.trail)],
                ["données de connexion", _delay(schedule.connections)],
            ],
        )
        if schedule.archive:
            yield from _archive(schedule, schedule.archive)


def _clock(schedule: Schedule, clock: Keep) -> list[str]:
    return [
        _model(clock.model),
        _delay(clock.for_),
        _dated(schedule, clock),
        clock.then.value,
        " ; ".join(condition.label for condition in clock.unless) or NOBODY,
        clock.source,
    ]


def _dated(schedule: Schedule, clock: Keep) -> str:
    """Say which day starts a clock, of the columns that may."""
    return _day_said(schedule.days[clock.after], model=clock.model)


def _day_said(dating: Dating, *, model: str) -> str:
    labels = [
        _label(model, part).removesuffix(" le")
        if isinstance(part, str)
        else _day_said(part, model=model)
        for part in dating.columns
    ]
    if isinstance(dating, First):
        return " ou, à défaut, ".join(labels)
    return "le dernier de : " + ", ".join(labels)


def _archive(schedule: Schedule, archive: Archive) -> Iterator[str]:
    yield "### L’archive sans identité"
    yield _table(
        ["Données", "Durée", "Après", "Ensuite", "Sauf si", "Texte"],
        [_clock(schedule, archive.end)],
    )
    yield _table(
        ["Données", "Ce qui en entre dans l’archive, les jours au mois"],
        [
            [_model(part.model), ", ".join(_label(part.model, name) for name in part.columns)]
            for part in archive.parts
        ],
    )
    yield "Ce qui en reste ensuite sans nommer personne, du plus fin au plus grossier :"
    yield "\n".join(
        "- " + ", ".join(_fact(fact.name, fact.grain) for fact in level)
        for level in archive.anonymous.levels
    )


def _fact(name: str, grain: Grain) -> str:
    return name if grain is Grain.EXACT else f"{name} ({grain.value})"


def _label(model: str, column: str) -> str:
    return str(apps.get_model(model)._meta.get_field(column).verbose_name)


def _falling(schedule: Schedule) -> str:
    return ", ".join(
        sorted(_model(rule.model) for rule in schedule.rules if isinstance(rule, FallsWith))
    )


def _delay(delay: Delay) -> str:
    return f"{delay.nombre} {delay.forme}"


def _clauses() -> Iterator[str]:
    yield (
        "Ce que le texte de chaque système exige. Ce qui en est prouvé change à chaque essai : "
        "`egide conformity` et la page « Conformité » le disent."
    )
    for system in known_systems():
        text = text_of(system)
        yield f"## {text.titre} (`{system}`)"
        yield text.texte
        yield _table(
            ["Clause", "Exigence", "Section", "Type", "Réponse"],
            [[c.id, c.libelle, c.section, c.type, _answer(c)] for c in text.clauses],
        )


def _answer(clause: Clause) -> str:
    if clause.document:
        return f"[{Path(clause.document).stem}]({_from_here(clause.document)})"
    return clause.attestation or clause.porte or "un test la prouve, ou rien encore"


def _from_here(document: str) -> str:
    return f"../{Path(document).relative_to('docs').as_posix()}"
