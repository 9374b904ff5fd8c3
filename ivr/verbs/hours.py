"""`hours`: go one way when a service is open, another when it is closed."""

from typing import ClassVar

from ivr.acts import Done, Input, Refused
from ivr.acts import Hours as Ask
from ivr.model import HoursNamed, Kind, Step, To
from ivr.run import Run

MAKES: dict[str, Kind] = {
    "hours.open": "truth",
    "hours.next_open": "moment",
    "hours.closes": "moment",
    "hours.cause": "text",
}


class Hours(Step):
    """Asks the town's opening hours whether a service is open now. `{hours.next_open}` then is when it opens next, and
    is spoken as people say it ("demain à neuf heures"); a service that was closed until further notice has none.
    `{hours.closes}` is when it closes, where it is open. `hours.cause` is what decides today: `weekly`, `holiday`,
    `exception`, or `switch`, the emergency switch.

    `otherwise` is taken where the hours are not known; without it, `closed`.
    """

    hours: HoursNamed
    open: To
    closed: To
    otherwise: To | None = None

    example: ClassVar[str] = """
        horaires:
          hours: mairie
          open: bonjour
          closed: ferme
        bonjour:
          say: {fr: Bonjour., en: Hello.}
          then: hangup
        ferme:
          hangup: {fr: Nos bureaux sont fermés., en: We are closed.}
    """
    needs: ClassVar[str] = "hours"

    def enter(self, run: Run) -> str | None:
        run.do(Ask(str(self.hours)))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        match given:
            case Done(values):
                for name in MAKES:
                    run.set(name, values.get(name.partition(".")[2]))
                run.told_now(values)
                return self.open if values.get("open") is True else self.closed
            case Refused():
                run.refused(f"hours {self.hours}", given)
                return self.otherwise or self.closed
        return self.enter(run)

    def makes(self) -> dict[str, Kind]:
        return MAKES
