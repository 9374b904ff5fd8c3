"""What a call costs, beside Asterisk alone saying the same; and how soon phones ring.

`./guichet bench calls`: a house of its own on its own ports, calls made by SIPp, agents' phones by telephony.phone.
About four minutes.
"""

import statistics
import sys
from collections.abc import Mapping
from pathlib import Path

from app.bench.house import OwnHouse
from app.bench.load import Callers, cpu_ms
from app.bench.native import SAYS_THE_SAME, native_asterisk
from app.bench.rings import rings
from app.install.programs import Programs, find_programs
from app.town import load_town
from ivr.acts import Prompt
from ivr.model import parts
from ivr.text import Text
from speech.espeak import Espeak
from speech.voice import Voice

TOWN = Path(__file__).parent / "town"
FIRST_PORT, LAST_PORT, SIPP_PORT = 23400, 23799, 23800
CALLS, PER_SECOND = 400, 20
WARM_UP = 60
SPOKEN = ("bonjour", "sujet", "merci")
"""The steps that a caller comes through."""
DIGIT_AT_MS, LENGTH_MS = 4_000, 10_000
"""When the caller presses the key, from the answer on: while the menu is spoken. The caller is silent until the end."""


async def run() -> dict[str, float]:
    """`…_ms_per_call`: processor time of the process in milliseconds, over CALLS calls; `rest_ms_per_call`: of all
    other processes of the house. `ratio_to_native`: Asterisk's and the engine's over that of Asterisk alone."""
    house = OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT)
    programs = find_programs(house.settings, sipp=True)
    callers = Callers(
        programs.sipp, sip_port=FIRST_PORT, own_port=SIPP_PORT, digit_at_ms=DIGIT_AT_MS, length_ms=LENGTH_MS
    )
    with house:
        _say("calls through our flow")
        ours = await _cost(callers, {process["name"]: process["pid"] for process in house.status()["processes"]})
        ringing = await _rings(house)
        sounds = await _sounds(house, programs)
        house.down()
        _say("the same calls by Asterisk alone")
        dialplan = {"extensions.conf": SAYS_THE_SAME.format(**sounds)}
        async with native_asterisk(house.settings, programs, dialplan) as alone:
            native = (await _cost(callers, {"asterisk": alone.pid}))["asterisk"]
    asterisk, engine = ours.pop("asterisk"), ours.pop("engine")
    figures = {
        "asterisk_ms_per_call": asterisk,
        "engine_ms_per_call": engine,
        "rest_ms_per_call": sum(ours.values()),
        "native_ms_per_call": native,
        "ratio_to_native": (asterisk + engine) / native,
        **ringing,
    }
    return {name: round(figure, 3) for name, figure in figures.items()}


async def _sounds(house: OwnHouse, programs: Programs) -> dict[str, str]:
    """The very files that the engine plays, by the step that says them."""
    steps = load_town(TOWN).flows.by_name["banc"].steps
    texts = {name: next(value for _, value in parts(steps[name]) if isinstance(value, Text)) for name in SPOKEN}
    voice = Voice(Espeak(programs.espeak), house.settings.sounds)
    return {name: await voice.sound(Prompt(text.in_language("fr").text, "fr")) for name, text in texts.items()}


async def _cost(callers: Callers, processes: Mapping[str, int]) -> dict[str, float]:
    """Processor time of each process for one call, in milliseconds."""
    await callers.call(WARM_UP, PER_SECOND)
    before = {name: cpu_ms(pid) for name, pid in processes.items()}
    await callers.call(CALLS, PER_SECOND)
    return {name: (cpu_ms(pid) - before[name]) / CALLS for name, pid in processes.items()}


async def _rings(house: OwnHouse) -> dict[str, float]:
    async with rings(house) as agent:
        _say("a free agent's phone rings after the digit")
        digit = await agent.after_the_digit(100)
        _say("an agent comes free")
        free = await agent.after_coming_free(20)
        _say("waiting calls are woken")
        wake = await agent.after_the_offer(4, 25)
    return {
        "wake_p99_ms": _p99(wake),
        "wake_median_ms": statistics.median(wake),
        "digit_to_ring_p99_ms": _p99(digit),
        "digit_to_ring_median_ms": statistics.median(digit),
        "free_to_ring_median_ms": statistics.median(free),
    }


def _p99(samples: list[float]) -> float:
    return statistics.quantiles(samples, n=100, method="inclusive")[98]


def _say(what: str) -> None:
    print(f"bench calls: {what} …", file=sys.stderr, flush=True)
