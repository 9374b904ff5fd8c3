"""Who calls, and what they call about: made-up names, numbers and matters."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FIRST_NAMES = (
    "Adèle", "Ahmed", "Aïcha", "Alain", "Amélie", "Anaïs", "André", "Anne", "Antoine", "Aurélie", "Béatrice", "Benoît",
    "Bernard", "Camille", "Catherine", "Cécile", "Céline", "Chantal", "Chloé", "Christophe", "Claude", "Clément",
    "Danièle", "David", "Denis", "Élodie", "Émile", "Emma", "Éric", "Fatima", "Fatou", "Florence", "Françoise",
    "François", "Gaëlle", "Gérard", "Guillaume", "Hélène", "Hugo", "Inès", "Isabelle", "Jacques", "Jean", "Jeanne",
    "Joël", "Joséphine", "Julie", "Karim", "Laëtitia", "Laurent", "Léa", "Léo", "Linh", "Loïc", "Louis", "Lucie",
    "Madeleine", "Maëlle", "Magali", "Malik", "Marcel", "Marie", "Marie-Claude", "Martine", "Mathéo", "Maxime",
    "Michèle", "Mohamed", "Monique", "Moussa", "Nadia", "Nathalie", "Nicolas", "Noé", "Océane", "Odile", "Olivier",
    "Pascal", "Patricia", "Paul", "Philippe", "Pierre", "Raphaël", "Régine", "Rémi", "René", "Robert", "Romain",
    "Salomé", "Samira", "Sébastien", "Simone", "Solène", "Sophie", "Stéphane", "Suzanne", "Sylvie", "Théo", "Thérèse",
    "Thi", "Valérie", "Véronique", "Victor", "Vincent", "Viviane", "Xavier", "Yann", "Yasmine", "Yvette", "Zoé",
)  # fmt: skip
LAST_NAMES = (
    "Aubert", "Aubry", "Bailly", "Barbier", "Barré", "Benali", "Benoît", "Bernard", "Berthelot", "Bertrand", "Besson",
    "Blanchard", "Boucher", "Boulanger", "Bouvier", "Brunet", "Camara", "Carpentier", "Chevallier", "Cissé", "Colin",
    "Cordier", "Coulibaly", "Da Costa", "Da Silva", "Daniel", "Delattre", "Delaunay", "Denis", "Deschamps", "Diallo",
    "Diaz", "Diop", "Dubois", "Dufour", "Dumas", "Dumont", "Dupont", "Dupuis", "Durand", "Étienne", "Évrard", "Fabre",
    "Faure", "Fernandes", "Fleury", "Fontaine", "Fournier", "François", "Gaillard", "Garcia", "Gauthier", "Gérard",
    "Germain", "Girard", "Gomez", "Gonçalves", "Guérin", "Guillot", "Haddad", "Hamel", "Hébert", "Henry", "Hervé",
    "Huet", "Jacquet", "Joly", "Keïta", "Klein", "Lacroix", "Lambert", "Laurent", "Le Gall", "Le Goff", "Lebrun",
    "Leclercq", "Lefèvre", "Legrand", "Lemaître", "Leroy", "Lévêque", "Lopez", "Maillard", "Mallet", "Marchand",
    "Martin", "Martinez", "Masson", "Mathieu", "Mercier", "Meunier", "Meyer", "Michel", "Monnier", "Moreau", "Morel",
    "Moulin", "Muller", "N'Diaye", "Nguyen", "Noël", "Olivier", "Paris", "Pereira", "Perez", "Perrin", "Petit",
    "Philippe", "Picard", "Poirier", "Prévost", "Régnier", "Renard", "Rey", "Rivière", "Robin", "Rodriguez", "Roger",
    "Rolland", "Rousseau", "Roussel", "Roux", "Roy", "Sanchez", "Schmitt", "Simon", "Tessier", "Thomas", "Touré",
    "Tran", "Traoré", "Vasseur", "Vidal", "Vincent", "Weber", "Yılmaz", "Zimmermann",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that people call about. `share` of all calls, the queue and service that it belongs to, how often a
    recorded answer is enough, the median talk and what agents note."""

    topic: str
    queue: str
    service: str
    share: float
    self_service: float
    talk_s: float
    notes: tuple[str, ...]


MATTERS = (
    Matter("acte-naissance", "etat-civil", "etat-civil", 0.20, 0.45, 150,
           ("Demande d'acte de naissance, envoi par courrier.", "Copie intégrale, la personne passera au guichet.")),
    Matter("mariage", "etat-civil", "etat-civil", 0.06, 0.15, 320,
           ("Dossier de mariage : pièces manquantes rappelées.", "Date de mariage à confirmer par le service.")),
    Matter("carte-identite", "etat-civil", "etat-civil", 0.16, 0.40, 200,
           ("Rendez-vous carte d'identité pris.", "Carte perdue, déclaration expliquée.")),
    Matter("nid-de-poule", "voirie", "voirie", 0.11, 0.10, 170,
           ("Trou dans la chaussée signalé, équipe prévenue.", "Signalement déjà connu, délai donné.")),
    Matter("encombrants", "voirie", "dechets", 0.14, 0.50, 120,
           ("Enlèvement d'encombrants : date donnée.", "Canapé sur le trottoir, passage jeudi.")),
    Matter("eclairage", "voirie", "voirie", 0.05, 0.10, 140,
           ("Lampadaire éteint, numéro relevé.", "Panne de rue entière, transmis à l'astreinte.")),
    Matter("cantine", "accueil", "ecoles", 0.15, 0.30, 210,
           ("Inscription à la cantine, facture expliquée.", "Régime alimentaire noté pour l'enfant.")),
    Matter("aide-sociale", "accueil", "action-sociale", 0.13, 0.08, 420,
           ("Orientation vers l'assistante sociale.", "Aide au logement : rendez-vous proposé, personne inquiète.")),
)  # fmt: skip


def numbers(persons: npt.NDArray[np.int64]) -> list[str]:
    """The phone number (E.164) of each person, counted from 1: every one is another's."""
    scattered = (persons * 48_271_003 + 12_345_678) % 100_000_000
    leads = np.where(persons % 10 < 8, np.where(persons % 2 == 0, 6, 7), 1 + persons % 5)
    return [f"+33{lead}{rest:08d}" for lead, rest in zip(leads.tolist(), scattered.tolist(), strict=True)]


def names(persons: npt.NDArray[np.int64]) -> list[str | None]:
    """What each is called, as an agent wrote it; of three in ten it is not known."""
    chance = np.random.Generator(np.random.Philox(key=7))
    size = int(persons.max()) + 1 if len(persons) else 1
    firsts, lasts, seconds, kinds = (chance.random(size) for _ in range(4))
    picked = zip(firsts[persons].tolist(), lasts[persons].tolist(), seconds[persons].tolist(), kinds[persons].tolist(),
                 strict=True)  # fmt: skip
    return [_name(*one) for one in picked]


def _name(first: float, last: float, second: float, kind: float) -> str | None:
    """Some names are much more common than others."""
    if kind < 0.3:
        return None
    name = f"{FIRST_NAMES[int(first**1.3 * len(FIRST_NAMES))]} {LAST_NAMES[int(last**1.3 * len(LAST_NAMES))]}"
    return f"{name}-{LAST_NAMES[int(second * len(LAST_NAMES))]}" if kind > 0.9 else name
