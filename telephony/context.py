"""What goes along with a caller who is put through to a service outside: in the call's header for its software, and
spoken to whoever picks up before they are joined. Nothing does unless the service's file says so (`context`).

In the header stand octets, as ISDN's user information (RFC 7434): their first says that text follows, the text is a
query string of 128 octets at most, and what would not fit is left out, the last first:

    contact=guichet-1764115200.7&case=2600000397&language=fr&queue=voirie&topic=nid-de-poule
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from core.text import clean_name
from ivr.acts import Prompt
from ivr.material.fields import in_language
from ivr.session import Session
from ivr.spoken import spoken
from telephony.channel import NOTHING, Along
from telephony.house import House

log = logging.getLogger(__name__)

TEXT = b"\x04"
"""Q.931's protocol discriminator of text (IA5 characters)."""
MOST_OCTETS = 128
"""Of ISDN's user information, without the discriminator."""
MOST_SAID = 60
"""Characters of each thing that is spoken."""

FROM = {"fr": "Appel transféré par : {}.", "en": "Call put through by: {}."}
ABOUT = {"fr": "Sujet : {}.", "en": "About: {}."}
CASE = {"fr": "Dossier numéro {}.", "en": "Case number {}."}


@dataclass(frozen=True, slots=True)
class Context:
    """What the house knows of a call beyond the caller's number, as far as it does. What callers and agents may have
    written is cleaned."""

    contact: str
    case: str = ""
    """The number of the case that it is about."""
    language: str = ""
    queue: str = ""
    """The line in which they waited last."""
    topic: str = ""


def context_of(call: str, queue: str, session: Session, said: Mapping[str, Any]) -> Context:
    """`said`: by the agent who sends the caller on: `case` and `topic`. Without it they are those that the flow has
    looked up; a number that a caller merely keyed in is not a case's."""
    known = {**{name: value for frame in session.frames for name, value in frame["variables"].items()},
             **session.variables}  # fmt: skip
    case, topic = (str(said.get(name) or known.get(f"case.{looked_up}") or "")
                   for name, looked_up in (("case", "number"), ("topic", "topic")))  # fmt: skip
    return Context(call, clean_name(case), session.language, queue, clean_name(topic)[:MOST_SAID])


def user_to_user(context: Context) -> str:
    """The octets in hex. A field that does not fit is left out."""
    text = ""
    for name in Context.__slots__:
        pair = f"{name}={quote(getattr(context, name), safe='')}"
        if getattr(context, name) and len(text) + len(pair) < MOST_OCTETS:
            text = f"{text}&{pair}" if text else pair
    return (TEXT + text.encode("ascii")).hex()


def whisper(context: Context, origin: str, subject: str, language: str) -> Prompt:
    """`origin`: the title of the flow that the caller dialled; `subject`: of the line in which they waited, or ''."""
    about = ", ".join(short for each in (subject, _readable(context.topic)) if (short := each[:MOST_SAID]))
    said = [FROM[language].format(origin[:MOST_SAID])]
    if about:
        said.append(ABOUT[language].format(about))
    if context.case:
        said.append(CASE[language].format(spoken(context.case[:MOST_SAID], "digits", language)))
    return Prompt(" ".join(said), language)


def _readable(topic: str) -> str:
    return topic.replace("-", " ").replace("_", " ")


async def going_along(house: House, service: str, version: str, context: Context, flow: str) -> Along:
    """With a caller who is put through to that service of that version of the town; `flow` is the one they dialled.
    Whatever goes wrong, the caller is put through."""
    town = house.towns.of(version)
    wanted = known.context if (known := town.services.get(service)) else None
    if wanted is None:
        return NOTHING
    header = user_to_user(context) if wanted.header else ""
    if wanted.whisper is None:
        return Along(header)
    dialled, queue = town.flows.by_name.get(flow), town.queues.get(context.queue)
    origin = in_language(dialled.title, wanted.whisper)[0] if dialled else flow
    subject = in_language(queue.title, wanted.whisper)[0] if queue and queue.title else ""
    prompt = whisper(context, origin, subject, wanted.whisper)
    try:
        return Along(header, (await house.voice.sound(prompt, version),))
    except Exception:
        log.exception("call %s: the service %s is told nothing aloud", context.contact, service)
        return Along(header)
