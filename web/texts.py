"""The words of the page, and the language that a browser asks for."""

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "title": "Guichet : l'accueil téléphonique, en ce moment",
        "heading": "L'accueil téléphonique, en ce moment",
        "dial": "Appelez le",
        "dial_none": "Aucun numéro n'est encore défini.",
        "queues": "Files d'attente",
        "queue": "File",
        "waiting": "En attente",
        "longest": "Plus longue attente",
        "talking": "En conversation",
        "no_queues": "Aucune file d'attente.",
        "agents": "Postes des agents",
        "extension": "Poste",
        "doing": "Activité",
        "no_agents": "Aucun agent n'est connu.",
        "lost": "Les données n'arrivent plus. Nouvel essai chaque seconde.",
        "back": "Les données arrivent de nouveau.",
        "script": "Sans JavaScript, rechargez la page pour la mettre à jour.",
        "doing_ready": "Disponible",
        "doing_ringing": "Sonne",
        "doing_talking": "En conversation",
        "doing_wrap_up": "Fin de dossier",
        "doing_not_responding": "Ne répond pas",
        "doing_paused": "En pause",
        "doing_busy": "Téléphone occupé",
        "doing_no_phone": "Téléphone non connecté",
        "doing_away": "Absent",
    },
    "en": {
        "title": "Guichet: the telephone service, now",
        "heading": "The telephone service, now",
        "dial": "Call",
        "dial_none": "No number is set yet.",
        "queues": "Queues",
        "queue": "Queue",
        "waiting": "Waiting",
        "longest": "Longest wait",
        "talking": "In conversation",
        "no_queues": "There is no queue.",
        "agents": "Agents' phones",
        "extension": "Extension",
        "doing": "Activity",
        "no_agents": "No agent is known.",
        "lost": "No data is coming in. Trying again each second.",
        "back": "Data is coming in again.",
        "script": "Without JavaScript, load the page again to bring it up to date.",
        "doing_ready": "Ready",
        "doing_ringing": "Ringing",
        "doing_talking": "In conversation",
        "doing_wrap_up": "Wrapping up",
        "doing_not_responding": "Not responding",
        "doing_paused": "Paused",
        "doing_busy": "Phone busy",
        "doing_no_phone": "Phone not connected",
        "doing_away": "Away",
    },
}

DEFAULT = "fr"


def language_for(accepted: str) -> str:
    """The language of ours that an Accept-Language header wants most; French where it wants none of them."""
    wishes: list[tuple[float, str]] = []
    for part in accepted[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.strip().lower().partition("-")[0]
        if language in TEXTS:
            wishes.append((_weight(weight), language))
    wanted = [wish for wish in wishes if wish[0] > 0]
    return max(wanted, key=lambda wish: wish[0])[1] if wanted else DEFAULT


def _weight(text: str) -> float:
    try:
        weight = float(text or "1")
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def duration(ms: int) -> str:
    """`0:07`, `12:34`, `1:02:03`: the same as in web/static/board.js."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
