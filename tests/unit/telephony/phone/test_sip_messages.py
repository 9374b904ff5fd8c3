"""What comes from the network is read tolerantly, within limits; the rest is Malformed and nothing worse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.phone.digest import digest_answer
from telephony.phone.message import Malformed, NameAddress, Request, Response, parse, quoted

INVITE = (
    b"INVITE sip:3939@127.0.0.1 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.2:5170;branch=z9hG4bKabc\r\n"
    b'From: "Zo\xc3\xa9" <sip:+33612345678@127.0.0.2>;tag=1\r\n'
    b"To: <sip:3939@127.0.0.1>\r\n"
    b"Call-ID: x@y\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Content-Length: 4\r\n\r\nbody"
)


def request(data: bytes = INVITE) -> Request:
    message = parse(data)
    assert isinstance(message, Request)
    return message


def test_a_request_is_read_with_its_parts() -> None:
    invite = request()
    assert (invite.method, invite.uri, invite.call_id) == ("INVITE", "sip:3939@127.0.0.1", "x@y")
    assert (invite.branch, invite.sequence, invite.body) == ("z9hG4bKabc", (7, "INVITE"), b"body")
    caller = NameAddress.parse(invite.get("from"))
    assert (caller.display, caller.user, caller.tag) == ("Zoé", "+33612345678", "1")


def test_compact_names_folded_lines_and_bare_line_ends_are_understood() -> None:
    data = b"BYE sip:a@b SIP/2.0\nv: SIP/2.0/UDP h;branch=z\nf: <sip:a@b>\n ;tag=9\nt: <sip:c@d>\ni: 1\nCSeq: 2 BYE\n\n"
    assert NameAddress.parse(request(data).get("from")).tag == "9"
    assert request(data).call_id == "1"


def test_what_follows_the_announced_length_is_left_out() -> None:
    assert request(INVITE + b"more").body == b"body"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"\x00" * 100,
        b"INVITE\r\n\r\n",
        b"INVITE sip:a SIP/2.0\r\n\r\n",
        b"SIP/2.0 2000 OK\r\n\r\n",
        INVITE.replace(b"SIP/2.0\r\n", b"HTTP/1.1\r\n", 1),
        INVITE.replace(b"CSeq: 7 INVITE", b"CSeq: seven INVITE"),
        INVITE.replace(b"CSeq: 7 INVITE", b"CSeq: 99999999999999999999 INVITE"),
        INVITE.replace(b"Length: 4", b"Length: 40"),
        INVITE.replace(b"Length: 4", b"Length: -4"),
        INVITE.replace(b"Call-ID: x@y\r\n", b""),
        INVITE.replace(b"Call-ID: x@y", b"Call-ID: " + b"x" * 9000),
        INVITE.replace(b"Call-ID", b"no colon\r\nCall-ID"),
        INVITE.replace(b"Call-ID", b"X: y\r\n" * 200 + b"Call-ID"),
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse(data)


@given(st.binary(max_size=300), st.integers(0, len(INVITE)))
def test_no_bytes_do_any_harm(noise: bytes, where: int) -> None:
    try:
        message = parse(INVITE[:where] + noise + INVITE[where:])
    except Malformed:
        return
    NameAddress.parse(message.get("from"))
    message.encode()


def test_bytes_that_are_no_text_go_through_unchanged() -> None:
    data = INVITE.replace(b"Zo\xc3\xa9", b"Zo\xe9\xff")
    assert b"Zo\xe9\xff" in request(data).encode()


@pytest.mark.parametrize("name", ['say "hi"', "back\\slash", "<sip:x@y>;tag=2", "Zoé 🙂"])
def test_a_display_name_comes_out_as_it_went_in(name: str) -> None:
    read = NameAddress.parse(f"{quoted(name)} <sip:a@b>;tag=1")
    assert (read.display, read.uri, read.tag) == (name, "sip:a@b", "1")


def test_a_quoted_name_cannot_begin_a_new_header() -> None:
    assert "\n" not in quoted("a\r\nX-Evil: 1")
    assert quoted(b"a\r\nX-Evil: 1") == "a\r\nX-Evil: 1", "bytes are sent as they stand: hostile on purpose"


def test_a_reply_bears_what_the_request_bore() -> None:
    answer = parse(request().reply(180, "Ringing", tag="me").encode())
    assert isinstance(answer, Response)
    assert (answer.status, answer.call_id, answer.sequence, answer.branch) == (180, "x@y", (7, "INVITE"), "z9hG4bKabc")
    assert NameAddress.parse(answer.get("to")).tag == "me"


def challenged(value: str) -> Response:
    return Response(status=401, reason="Unauthorized", headers=[("www-authenticate", value)])


def test_a_challenge_is_answered_as_rfc_2617_shows() -> None:
    challenge = (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    answer = digest_answer(challenged(challenge), "GET", "/dir/index.html", "Mufasa", "Circle Of Life", "0a4f113b")
    assert answer is not None
    assert answer[0] == "authorization"
    assert 'response="6629fae49393a05397450978507c4ef1"' in answer[1]
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in answer[1]


def test_a_challenge_is_answered_as_rfc_7616_shows() -> None:
    challenge = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    answer = digest_answer(challenged(challenge), "GET", "/dir/index.html", "Mufasa", "Circle of Life", cnonce)
    assert answer is not None
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in answer[1]


@pytest.mark.parametrize("value", ["Basic realm=x", "Digest nonce=", 'Digest nonce="1", algorithm=ROT13', ""])
def test_a_challenge_of_an_unknown_kind_is_not_answered(value: str) -> None:
    assert digest_answer(challenged(value), "REGISTER", "sip:a", "user", "secret") is None
