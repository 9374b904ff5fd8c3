"""The sentence of why (queues/match.py) in the reader's language.

What events keep is the English sentence. It is made of few clauses, always alike, and so is a form that can be read
again: a clause with a French one here is said so, and one without stays as it is. So events, old ones too, are read in
either language, and nothing is made twice where calls are offered."""

import re
from collections.abc import Callable, Sequence
from re import Match, Pattern

LANGUAGES = ("en", "fr")
SEPARATOR = "; "

Clause = tuple[Pattern[str], Callable[[Match[str]], str]]


def why(sentence: str, language: str) -> str:
    """In that language, as far as it is one of LANGUAGES; else as it is kept."""
    if language != "fr":
        return sentence
    return SEPARATOR.join(_said(clause, _CLAUSES) for clause in sentence.split(SEPARATOR))


def _said(text: str, table: Sequence[Clause]) -> str:
    for pattern, french in table:
        if found := pattern.fullmatch(text):
            return french(found)
    return text


def _clause(english: str, french: Callable[[Match[str]], str]) -> Clause:
    return re.compile(english), french


# --- parts of clauses -----------------------------------------------------------------------------------------------


def _listed(names: str) -> str:
    """`a, b and 2 more`."""
    return re.sub(r"\b(\d+) more$", lambda found: f"{found[1]} autre{_s(found[1])}", names.replace(" and ", " et "))


def _before(named: str) -> str:
    """`ada (idle 3 s), bruno (idle 2 s) and 4 more`: what speaks for each is in brackets."""
    outside = re.split(r"(\([^()]*\))", named)
    return "".join(_words(part) if part.startswith("(") else _listed(part) for part in outside)


def _words(text: str) -> str:
    """`(priority 2, idle 3 s)`: what speaks for or against an agent, with the brackets or without."""
    inside = text.removeprefix("(").removesuffix(")")
    said = ", ".join(_said(each, _WORDS) for each in inside.split(", "))
    return f"({said})" if text.startswith("(") else said


def _best(text: str) -> str:
    """`the longest idle of those next in turn of priority 1 whom step 2 asks for`: the best, and of whom."""
    if found := _OF_WHOM.fullmatch(text):
        best, several, priority, step = found.groups()
        said = "le seul" if best == "the only one" else _BEST[best]
        if several:
            said += f" parmi {_SEVERAL[several]}"
        elif best != "the only one" and (priority or step):
            said += " parmi ceux"
        said += f" de priorité {priority}" if priority else ""
        return f"{said} que demande {_step(step)}" if step else said
    return text


def _step(text: str) -> str:
    """`step 2`, `added step 1`."""
    return f"l'étape{' ajoutée' if text.startswith('added') else ''} {text.rpartition(' ')[2]}"


def _asked(text: str | None) -> str:
    """` with etat-civil >= 3, or accueil >= 1`, ` of this queue`."""
    if not text:
        return ""
    if text == " of this queue":
        return " de cette file"
    skills = re.sub(r"\bor\b", "ou", re.sub(r"\band\b", "et", text.removeprefix(" with ")))
    return f" avec {skills}"


def _s(number: str, one: str = "", many: str = "s") -> str:
    return many if int(number) > 1 else one


def _be(names: str, one: str, many: str) -> str:
    return many if " and " in names else one


def _others(number: str) -> str:
    return f"{number} autre{_s(number)} agent{_s(number)} libre{_s(number)}"


def _left_out(names: str) -> str:
    are = _be(names, "n'est plus sollicité", "ne sont plus sollicités")
    return f"{_listed(names)} {are} pour cet appel après une offre qui n'a pas abouti"


def _not_free(names: str) -> str:
    were = _be(names, "n'était pas libre", "n'étaient pas libres")
    return f"{_listed(names)}, que cet appel préfère, {were}"


def _not_first(names: str) -> str:
    were = _be(names, "n'était plus sollicité", "n'étaient plus sollicités")
    return f"{_listed(names)}, que cet appel préfère, {were} avant les autres"


def _not_asked(number: str, reasons: str) -> str:
    """`lacks the skills`, `are not in this queue, are asked only later or have no room for it`."""
    said = [_WHY_NOT[each] for each in re.split(r", | or ", reasons)]
    return f"{_others(number)} {' ou '.join(filter(None, (', '.join(said[:-1]), said[-1])))}"


_BEST = {
    "the longest idle": "libre depuis le plus longtemps",
    "the least over-qualified": "le moins surqualifié",
    "the best skilled": "le plus qualifié",
    "the one with the fewest calls": "celui qui a eu le moins d'appels",
    "the first in the list": "le premier de la liste",
    "the next in turn": "le suivant à son tour",
}
_SEVERAL = {
    "the least over-qualified": "les moins surqualifiés",
    "the best skilled": "les plus qualifiés",
    "those with the fewest calls": "ceux qui ont eu le moins d'appels",
    "those next in turn": "ceux dont c'est le tour",
}
_OF_WHOM = re.compile(
    rf"({'|'.join((*_BEST, 'the only one'))})(?: of ({'|'.join(_SEVERAL)}))?(?: of priority (\d+))?"
    r"(?: whom ((?:added )?step \d+) asks for)?"
)
_WHY_NOT = {
    "is not asked": "n'est pas sollicité",
    "are not asked": "ne sont pas sollicités",
    "is not in this queue": "n'est pas de cette file",
    "are not in this queue": "ne sont pas de cette file",
    "is asked only later": "n'est sollicité que plus tard",
    "are asked only later": "ne sont sollicités que plus tard",
    "lacks the skills": "n'a pas les compétences",
    "lack the skills": "n'ont pas les compétences",
    "has no room for it": "n'a pas de place pour cela",
    "have no room for it": "n'ont pas de place pour cela",
}

_WORDS: Sequence[Clause] = (
    _clause(r"idle (\d+) s", lambda m: f"libre depuis {m[1]} s"),
    _clause(r"only from ((?:added )?step \d+) on", lambda m: f"seulement à partir de {_step(m[1])}"),
    _clause(r"(\d+) levels? in all", lambda m: f"{m[1]} niveau{'x' if int(m[1]) > 1 else ''} en tout"),
    _clause(r"(\d+) levels? above", lambda m: f"{m[1]} niveau{'x' if int(m[1]) > 1 else ''} au-dessus"),
    _clause(r"(\d+) calls? so far", lambda m: f"{m[1]} appel{_s(m[1])} jusqu'ici"),
    _clause(r"number (\d+)", lambda m: f"numéro {m[1]}"),
    _clause(r"by name", lambda _: "par son nom"),
    _clause(r"last asked (\d+) s ago", lambda m: f"sollicité il y a {m[1]} s"),
    _clause(r"never asked yet", lambda _: "pas encore sollicité"),
    _clause(r"priority (\d+)", lambda m: f"priorité {m[1]}"),
)

_REASONS = "|".join(_WHY_NOT)
_NEEDING = r"( of this queue| with .+?)?"
_CLAUSES: Sequence[Clause] = (
    _clause(
        r"(\S+) is preferred for this call and ready \((.+?)\)",
        lambda m: f"{m[1]} est préféré pour cet appel et libre ({_words(m[2])})",
    ),
    _clause(
        rf"(.+) are rung together, (\d+) of (\d+) ready agents{_NEEDING}, and who answers first has the call",
        lambda m: (
            f"{_listed(m[1])} sont appelés ensemble, {m[2]} des {m[3]} agents libres{_asked(m[4])}, et qui répond le "
            "premier a l'appel"
        ),
    ),
    _clause(
        rf"(\S+) is the only ready agent{_NEEDING} \((idle \d+ s)\)(?: and this is the first of (\d+) calls that wait "
        r"for the same)?",
        lambda m: (
            f"{m[1]} est le seul agent libre{_asked(m[2])} ({_words(m[3])})"
            + (f", et c'est le premier des {m[4]} appels qui attendent la même chose" if m[4] else "")
        ),
    ),
    _clause(
        rf"(\S+) is drawn by lot from (?:those of priority (\d+) among )?(\d+) ready agents{_NEEDING}",
        lambda m: (
            f"{m[1]} est tiré au sort parmi {f'ceux de priorité {m[2]} des ' if m[2] else ''}{m[3]} agents libres"
            f"{_asked(m[4])}"
        ),
    ),
    _clause(
        rf"(\S+) is ([a-z0-9 -]+?)(?: (\([^()]+\)))? of (\d+) ready agents{_NEEDING}(?:, before (.+))?",
        lambda m: (
            f"{m[1]} est {_best(m[2])}{f' {_words(m[3])}' if m[3] else ''} parmi {m[4]} agents libres{_asked(m[5])}"
            + (f", devant {_before(m[6])}" if m[6] else "")
        ),
    ),
    _clause(
        rf"(\d+) other ready agents? ((?:{_REASONS})(?:(?:, | or )(?:{_REASONS}))*)",
        lambda m: _not_asked(m[1], m[2]),
    ),
    _clause(r"(.+) (?:is|are) left out for this call after an offer that came to nothing", lambda m: _left_out(m[1])),
    _clause(r"(.+), whom this call prefers, (?:was|were) not free", lambda m: _not_free(m[1])),
    _clause(r"(.+), whom this call prefers, (?:was|were) not asked before others any more", lambda m: _not_first(m[1])),
)
