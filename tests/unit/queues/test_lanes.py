"""What a lane does with a server that is slow to come, silent or forgetful."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import hiredis
import pytest
from redis.exceptions import ResponseError

from queues.store.lanes import Lane, lanes_to
from queues.store.port import StoreAway


class Server:
    """Speaks Redis' protocol; `answer` gives the raw reply to each command but those of signing in."""

    def __init__(self) -> None:
        self.heard: list[list[bytes]] = []
        self.answer: Callable[[list[bytes]], bytes] = lambda _: b"+OK\r\n"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parser = hiredis.Reader()
        while data := await reader.read(65_536):
            parser.feed(data)
            while (command := parser.gets()) is not False:
                if command[0] in (b"CLIENT", b"HELLO"):
                    writer.write(b"+OK\r\n")
                    continue
                self.heard.append(command)
                writer.write(self.answer(command))
        writer.close()


@pytest.fixture
async def path() -> AsyncIterator[Path]:
    with TemporaryDirectory(prefix="lane-", dir="/tmp") as folder:
        yield Path(folder) / "s.sock"


@pytest.fixture
async def server(path: Path) -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.start_unix_server(server.serve, str(path))
    yield server
    listening.close()


@pytest.fixture
async def lane(path: Path) -> AsyncIterator[Lane]:
    lane = Lane(lanes_to(f"unix://{path}"), patience_s=5)
    yield lane
    await lane.close()


async def test_what_many_ask_at_once_goes_out_together_and_each_gets_their_own_reply(
    server: Server, lane: Lane
) -> None:
    server.answer = lambda command: b":%d\r\n" % int(command[1])
    replies = await asyncio.gather(*(lane.ask(("ECHO", number)) for number in range(1000)))
    assert [reply.value for reply in replies] == list(range(1000))


async def test_a_server_that_still_loads_is_asked_again_and_nothing_counts_as_repeated(
    server: Server, lane: Lane
) -> None:
    replies = iter([b"-LOADING Redis is loading the dataset in memory\r\n"] * 2 + [b"+yes\r\n"])
    server.answer = lambda _: next(replies)
    assert await lane.ask(("PING",)) == ("yes", False)


async def test_an_error_is_for_the_one_who_asked(server: Server, lane: Lane) -> None:
    server.answer = lambda command: b"-ERR no\r\n" if command[1] == b"bad" else b"+yes\r\n"
    good, bad = await asyncio.gather(lane.ask(("SET", "good")), lane.ask(("SET", "bad")), return_exceptions=True)
    assert good == ("yes", False)
    assert isinstance(bad, ResponseError)


async def test_a_script_that_the_server_forgot_is_sent_whole(server: Server, lane: Lane) -> None:
    server.answer = lambda command: b"-NOSCRIPT No matching script\r\n" if command[0] == b"EVALSHA" else b"+yes\r\n"
    assert await lane.ask(("EVALSHA", "abc", 1, "key", "value"), source="return 1") == ("yes", False)
    assert server.heard[-1] == [b"EVAL", b"return 1", b"1", b"key", b"value"]


async def test_who_is_cancelled_leaves_the_others_in_step(server: Server, lane: Lane) -> None:
    server.answer = lambda command: b"+%s\r\n" % command[1]
    leaving, staying = (asyncio.create_task(lane.ask(("ECHO", word))) for word in ("leaving", "staying"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).value == "staying"
    assert (await lane.ask(("ECHO", "next"))).value == "next"


async def test_a_server_that_comes_late_is_waited_for(path: Path, lane: Lane) -> None:
    asked = asyncio.create_task(lane.ask(("PING",)))
    await asyncio.sleep(0.05)
    listening = await asyncio.start_unix_server(Server().serve, str(path))
    async with asyncio.timeout(5):
        assert await asked == ("OK", False)
    listening.close()


async def test_a_server_that_never_comes_is_a_clear_failure(path: Path) -> None:
    lane = Lane(lanes_to(f"unix://{path}"), patience_s=0.05)
    with pytest.raises(StoreAway, match=r"The store does not answer .* see that Redis or Valkey runs\."):
        await lane.ask(("PING",))
    await lane.close()
