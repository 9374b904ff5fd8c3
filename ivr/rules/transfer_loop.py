"""Calls that come back to where they were sent from."""

from collections.abc import Iterator

from core.document import DataPath
from core.finding import Finding
from ivr.checking.rule import InFile, TownRule
from ivr.checking.town import TownView
from ivr.numbers import dialled_key
from ivr.verbs.transfer import Transfer


class TransferLoop(TownRule):
    """No call is put through to a number of the town's own flows: it would come back, and hold two lines."""

    advice = True
    good = """
        impots:
          transfer: "+33809401401"
          answered: hangup
          otherwise: hangup
    """
    bad = """
        impots:
          transfer: "3939"
          answered: hangup
          otherwise: hangup
    """

    def look(self, town: TownView) -> Iterator[tuple[InFile, Finding]]:
        own = {dialled_key(str(number)): view.name for view in town.flows.values() for number in view.numbers}
        for view in town.flows.values():
            for name, step in view.steps.items():
                number = step.transfer if isinstance(step, Transfer) else ""
                if isinstance(number, str) and (flow := own.get(dialled_key(number))):
                    path: DataPath = ("steps", name, "transfer")
                    message = f"{number} starts the flow {flow}: the call would come back here; use flow: {flow}"
                    yield view, Finding(path, message)
        for filed in town.service_files.values():
            if flow := own.get(dialled_key(filed.thing.number or "")):
                message = f"{filed.thing.number} starts the flow {flow}: who is put through would come back here"
                yield filed, Finding(("number",), message)
