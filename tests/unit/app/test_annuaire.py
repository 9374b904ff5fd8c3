"""The public directory of the French administration is read in each of its forms; what is hostile or strange in it does
no harm. The files are made for these tests."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.directory import bring_in, dialled, import_
from app.town import load_town
from core.errors import GuichetError
from ivr.material import annuaire
from ivr.material.annuaire import Imported, Wanted, read_directory

FLOW = """\
flow: accueil
languages: [fr]
numbers: ["3939"]
start: fin
steps:
  fin: {hangup: Au revoir.}
"""
RECORD: dict[str, Any] = {
    "id": "5f6c1e3a-0001",
    "nom": "Caisse d'allocations familiales (Caf) d'Ille-et-Vilaine - siège de Rennes",
    "pivot": [{"type_service_local": "caf", "code_insee_commune": ["35238", "35047", "2A004"]}],
    "telephone": [{"valeur": "32 30", "description": ""}],
    "adresse": [
        {"type_adresse": "Adresse", "numero_voie": "Cours des Alliés", "code_postal": "35000", "nom_commune": "Rennes"}
    ],
    "plage_ouverture": [
        {
            "nom_jour_debut": "Lundi", "nom_jour_fin": "Jeudi", "valeur_heure_debut_1": "09:00:00",
            "valeur_heure_fin_1": "12:00:00", "valeur_heure_debut_2": "13:30:00", "valeur_heure_fin_2": "16:30:00",
            "commentaire": "",
        },
        {
            "nom_jour_debut": "Vendredi", "nom_jour_fin": "Vendredi", "valeur_heure_debut_1": "09:00:00",
            "valeur_heure_fin_1": "12:00:00", "valeur_heure_debut_2": "", "valeur_heure_fin_2": "",
            "commentaire": "sur rendez-vous",
        },
    ],
    "site_internet": [{"libelle": "", "valeur": "https://www.caf.example"}],
    "adresse_courriel": "contact@caf.example",
    "mission": "Verse les prestations familiales.",
    "date_modification": "15/05/2026 10:12:00",
    "something_new": {"nobody": "knows"},
}  # fmt: skip


def read(record: dict[str, Any], **wanted: Any) -> list[Imported]:
    return read_directory(
        json.dumps({"service": [record]}).encode(), Wanted(**wanted), lambda text: dialled("FR", text)
    )


def one(**changed: Any) -> Imported:
    (imported,) = read({**RECORD, **changed})
    return imported


@pytest.fixture
def town(tmp_path: Path) -> Path:
    (tmp_path / "accueil.yaml").write_text(FLOW)
    return tmp_path


def test_a_service_is_read_with_all_that_a_town_needs_of_it(town: Path) -> None:
    (done,) = bring_in(town, [one()], update=False, dry=False)
    assert done.how == "added"
    assert done.notes == ("of its opening hours it is said: sur rendez-vous",)
    read = load_town(town)
    assert not read.faults
    service = read.services[done.service]
    assert service.title == RECORD["nom"]
    assert service.number == "3230"
    assert service.answers_for("caf", "2A004") and not service.answers_for("caf", "35001")
    assert service.address == "Cours des Alliés, 35000 Rennes"
    assert (service.website, service.email) == ("https://www.caf.example", "contact@caf.example")
    assert service.hours == done.service
    assert read.hours[done.service].holidays is not None
    source = service.source
    assert source is not None
    assert (source.licence, source.updated, source.id) == ("Licence Ouverte 2.0", "2026-05-15", "5f6c1e3a-0001")


def test_its_opening_hours_are_those_of_the_week() -> None:
    hours = one().hours
    assert hours is not None
    assert hours["weekly"] == {
        "monday": "09:00-12:00, 13:30-16:30", "tuesday": "09:00-12:00, 13:30-16:30",
        "wednesday": "09:00-12:00, 13:30-16:30", "thursday": "09:00-12:00, 13:30-16:30", "friday": "09:00-12:00",
    }  # fmt: skip


def test_an_answer_of_the_api_in_which_lists_stand_as_texts_is_the_same() -> None:
    inside = {key: json.dumps(value) if isinstance(value, list) else value for key, value in RECORD.items()}
    wanted = Wanted()
    for form in ({"results": [inside], "total_count": 1}, [inside], {"service": [inside]}):
        (imported,) = read_directory(json.dumps(form).encode(), wanted, lambda text: dialled("FR", text))
        assert imported == one()


@pytest.mark.parametrize("given", ["contact@caf.example", ["contact@caf.example"], '["contact@caf.example"]'])
def test_an_address_is_read_however_it_stands(given: object) -> None:
    assert one(adresse_courriel=given).service["email"] == "contact@caf.example"


def test_only_what_is_wanted_is_taken() -> None:
    assert read(RECORD, communes=["35238"])[0].service["competence"] == [{"topic": "caf", "communes": ["35238"]}]
    assert read(RECORD, communes=["75056"]) == []
    assert read(RECORD, types=["mairie"]) == []
    assert read(RECORD, topics={"caf": "aide-sociale"})[0].service["competence"][0]["topic"] == "aide-sociale"


def test_what_is_there_already_is_written_again_only_if_one_says_so(town: Path) -> None:
    bring_in(town, [one()], update=False, dry=False)
    changed = one(telephone=[{"valeur": "02 99 00 00 01"}], nom="La Caf")
    (left,) = bring_in(town, [changed], update=False, dry=False)
    assert left.how == "left" and "--update" in left.notes[0]
    (updated,) = bring_in(town, [changed], update=True, dry=False)
    assert updated.how == "updated" and updated.service == left.service, "it keeps its name"
    service = load_town(town).services[updated.service]
    assert (service.number, service.title) == ("+33299000001", "La Caf")
    assert bring_in(town, [changed], update=True, dry=False)[0].how == "same"


def test_a_dry_run_writes_nothing(town: Path) -> None:
    assert bring_in(town, [one()], update=False, dry=True)[0].how == "added"
    assert not (town / "directory").exists()


def test_a_file_of_another_service_is_not_written_over(town: Path) -> None:
    (town / "directory").mkdir()
    mine = town / "directory" / f"{one().name}.yaml"
    mine.write_text(f"service: {one().name}\ntitle: Le mien\n")
    assert bring_in(town, [one()], update=True, dry=False)[0].how == "left"
    assert "Le mien" in mine.read_text()


HOSTILE: list[dict[str, Any]] = [
    {"nom": "../../etc/passwd"},
    {"nom": "A\n<script>alert(1)</script>\u202e\x00{caller.name}"},
    {"nom": "x" * 100_000},
    {"nom": "---\nservice: evil"},
    {"nom": "!!python/object/apply:os.system [id]"},
    {"nom": "日本"},
    {"telephone": [{"valeur": "SIP/1@evil.example&Local/1"}]},
    {"telephone": "3949"},
    {"telephone": [None, 3, {"valeur": 7}]},
    {"adresse_courriel": "a@b.example\r\nBcc: c@d.example"},
    {"site_internet": [{"valeur": "javascript:alert(1)"}]},
    {"plage_ouverture": [{"nom_jour_debut": "Lundi", "valeur_heure_debut_1": "25:00", "valeur_heure_fin_1": "9"}]},
    {"plage_ouverture": [{"nom_jour_debut": ["x"]}, "[" * 5_000]},
    {"plage_ouverture": '[{"nom_jour_debut":' + "[" * 100_000},
    {"pivot": [{"type_service_local": "../x", "code_insee_commune": ["35238", "nowhere", 5, None]}]},
    {"pivot": [{"type_service_local": "caf", "code_insee_commune": [f"{n:05d}" for n in range(3_000)]}]},
    {"pivot": {"type_service_local": "caf"}},
    {"id": {"a": 1}},
    {"date_modification": "99/99/9999"},
]


@pytest.mark.parametrize("changed", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_stands_in_it_the_town_stays_a_good_one_and_nothing_is_written_elsewhere(
    town: Path, changed: dict[str, Any]
) -> None:
    bring_in(town, read({**RECORD, **changed}), update=False, dry=False)
    found = load_town(town)
    assert not found.faults, "\n".join(map(str, found.faults))
    assert {path.parent.name for path in town.rglob("*.yaml")} <= {town.name, "directory", "hours"}
    for service in found.services.values():
        assert str(service.title).isprintable() and len(str(service.title)) <= 500
        assert service.number is None or service.number.lstrip("+").isdigit()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"3", "no list stands under"),
        (b'{"service": {"a": 1}}', "no list stands under"),
        (b'[1, null, "x", []]', None),
    ],
)
def test_a_file_of_another_kind_is_told_in_a_sentence(raw: bytes, said: str | None) -> None:
    if said is None:
        assert read_directory(raw, Wanted(), str) == []
        return
    with pytest.raises(GuichetError, match=said):
        read_directory(raw, Wanted(), str)


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annuaire, "MOST_BYTES", 10)
    with pytest.raises(GuichetError, match="take a part of the directory"):
        read_directory(b"[" + b" " * 20 + b"]", Wanted(), str)
    monkeypatch.undo()
    monkeypatch.setattr(annuaire, "MOST_SERVICES", 2)
    many = json.dumps([{**RECORD, "id": str(n)} for n in range(5)]).encode()
    with pytest.raises(GuichetError, match="More than 2 services"):
        read_directory(many, Wanted(), str)


def test_the_command_says_what_it_did(town: Path, tmp_path: Path) -> None:
    file = tmp_path / "annuaire.json"
    file.write_text(json.dumps({"service": [RECORD, {**RECORD, "id": "other"}]}))
    ran = CliRunner().invoke(import_, [str(file), "--callflows", str(town), "--commune", "35238", "--json"])
    assert ran.exit_code == 0, ran.output
    names = [each["service"] for each in json.loads(ran.stdout)["services"]]
    assert len(set(names)) == 2 and names[1] == f"{names[0][:48]}-2"
    assert not load_town(town).faults
    assert CliRunner().invoke(import_, [str(file), "--callflows", str(town), "--type", "mairie"]).exit_code == 1
