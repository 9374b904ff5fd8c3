"""A receiver knows ours from others'."""

import hashlib
import hmac
from random import Random

import pytest

from core.errors import GuichetError
from history.outside.sender import FIRST_PAUSE_MS, LONGEST_PAUSE_MS, MOST_ATTEMPTS, Hook, pause_ms
from history.outside.signing import TOLERANCE_MS, is_ours, sign

SECRET, NOW, BODY = "a secret of some length", 1_790_000_000_000, b'{"type": "contact"}'


def test_the_signature_is_what_the_documentation_says() -> None:
    expected = hmac.new(SECRET.encode(), b"1790000000000.crm-7." + BODY, hashlib.sha256).hexdigest()
    assert sign(SECRET, "crm-7", BODY, NOW) == f"t=1790000000000,v1={expected}"


def test_ours_is_known() -> None:
    assert is_ours(SECRET, sign(SECRET, "crm-7", BODY, NOW), "crm-7", BODY, NOW + TOLERANCE_MS)


@pytest.mark.parametrize(
    ("secret", "id_", "body", "now"),
    [
        ("another secret of length", "crm-7", BODY, NOW),
        (SECRET, "crm-8", BODY, NOW),
        (SECRET, "crm-7", BODY + b" ", NOW),
        (SECRET, "crm-7", BODY, NOW + TOLERANCE_MS + 1),
        (SECRET, "crm-7", BODY, NOW - TOLERANCE_MS - 1),
    ],
)
def test_anything_else_is_not(secret: str, id_: str, body: bytes, now: int) -> None:
    assert not is_ours(secret, sign(SECRET, "crm-7", BODY, NOW), id_, body, now)


@pytest.mark.parametrize("header", ["", "t=1", "v1=00", "t=1,v1=zz", f"t={NOW},v1={'0' * 64}", f"t=-1,v1={'0' * 64}"])
def test_a_broken_header_is_not_ours(header: str) -> None:
    assert not is_ours(SECRET, header, "crm-7", BODY, NOW)


def test_pauses_grow_differ_and_end_somewhere() -> None:
    random = Random(1)
    pauses = [[pause_ms(attempt, random) for _ in range(50)] for attempt in range(1, MOST_ATTEMPTS + 1)]
    for attempt, some in enumerate(pauses):
        longest = min(FIRST_PAUSE_MS * 2**attempt, LONGEST_PAUSE_MS)
        assert all(longest // 2 <= pause <= longest for pause in some)
        assert len(set(some)) > 10


@pytest.mark.parametrize(("url", "secret"), [("ftp://x/", SECRET), ("crm.example", SECRET), ("https://x/", "short")])
def test_a_hook_that_cannot_be_is_a_sentence_without_its_secret(url: str, secret: str) -> None:
    with pytest.raises(GuichetError) as raised:
        Hook(url, secret)
    assert SECRET not in str(raised.value)
    assert SECRET not in repr(Hook("https://crm.example/", SECRET))
