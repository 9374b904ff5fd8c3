"""Commands on the console of a running Asterisk, through its control socket."""

import asyncio
from pathlib import Path

from asterisk_conf.site import EXTENSION
from asterisk_conf.write import run_folder
from core.errors import GuichetError

LIMIT_S = 10.0
LONGEST_S = 3600
UNKNOWN_PHONE = "Unable to find object"


async def command(home: Path, text: str) -> str:
    """What Asterisk prints. `text` is one of our own sentences: nothing that a person typed may be in it unchecked.
    GuichetError where Asterisk does not answer."""
    heard = b""
    try:
        async with asyncio.timeout(LIMIT_S):
            reader, writer = await asyncio.open_unix_connection(run_folder(home) / "asterisk.ctl")
            try:
                writer.write(b"cli quit after " + text.encode() + b"\0")
                heard = await reader.read(-1)
            finally:
                writer.close()
    except (OSError, TimeoutError) as error:
        raise GuichetError(f"Asterisk does not take the command {text!r}: {error or 'it does not answer'}.") from None
    return heard.decode(errors="replace")


async def call_out(home: Path, extension: str) -> None:
    """Ask for a line of our own into the dialplan's [work], at that extension. GuichetError where there is none."""
    if not EXTENSION.fullmatch(extension):
        raise GuichetError(f"{extension!r} is not an agent's extension.")
    await command(home, f"channel originate Local/{extension}@work/n application Wait {LONGEST_S}")


async def knows_phone(home: Path, extension: str) -> bool:
    """Whether a phone could register as that extension."""
    return extension.isdecimal() and UNKNOWN_PHONE not in await command(home, f"pjsip show endpoint {extension}")
