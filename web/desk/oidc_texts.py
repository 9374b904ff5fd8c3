"""What somebody reads whose sign-in by OpenID Connect came to nothing."""

from collections.abc import Mapping

Texts = Mapping[str, str]

TEXTS: Mapping[str, Texts] = {
    "fr": {
        "title": "Connexion impossible",
        "again": "Revenir à la page de connexion",
        "away": "Le service d’identité ne répond pas. Réessayez dans un instant.",
        "down": "Guichet ne retrouve pas les comptes en ce moment. Recommencez dans un instant.",
        "late": "Cette connexion a été commencée ailleurs, ou il y a trop longtemps. Recommencez.",
        "denied": "Le service d’identité a refusé la connexion.",
        "untrue": "La réponse du service d’identité n’est pas valable. Prévenez votre administrateur.",
        "unknown": "Votre identité n’est liée à aucun compte. Donnez à votre administrateur :",
        "barred": "Votre compte est fermé. Adressez-vous à votre administrateur.",
        "no_role": "Votre identité n’a aucun rôle ici. Adressez-vous à votre administrateur.",
        "no_agent": "Votre identité a le rôle d’agent, mais votre compte n’est celui d’aucun agent."
        " Adressez-vous à votre administrateur.",
    },
    "en": {
        "title": "You cannot be signed in",
        "again": "Back to the sign-in page",
        "away": "The identity service does not answer. Try again in a moment.",
        "down": "Guichet cannot look up accounts right now. Begin again in a moment.",
        "late": "This sign-in was begun elsewhere, or too long ago. Begin again.",
        "denied": "The identity service refused to sign you in.",
        "untrue": "The identity service's answer is not valid. Tell your administrator.",
        "unknown": "Your identity is not linked with any account. Give your administrator:",
        "barred": "Your account is closed. Ask your administrator.",
        "no_role": "Your identity has no role here. Ask your administrator.",
        "no_agent": "Your identity has the role of an agent, but your account is no agent's. Ask your administrator.",
    },
}
