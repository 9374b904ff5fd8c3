"""The public pages of the town's answers: an index by topic with a search, and a page for each. No script, no sign-in,
nothing personal. The Markdown of a page may hold no HTML: whatever looks like it is shown as text."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web
from markdown_it import MarkdownIt

from ivr.material.answer import AnswerFile
from ivr.material.fields import in_language
from ivr.material.service import ServiceFile
from web.answer_texts import ANSWER_TEXTS
from web.texts import language_for

HERE = Path(__file__).parent
LONGEST_SEARCH = 100
MOST_WORDS = 8
KEPT_S = 60
"""How long a browser may keep a page."""

Material = tuple[Mapping[str, AnswerFile], Mapping[str, ServiceFile]]
"""The answers and services of the live version, by name."""
_PAGE_SHOWN = {"html": False, "linkify": False, "typographer": False}


def add_answers(app: web.Application, live: Callable[[], Material]) -> None:
    """Add /answers and /answers/NAME."""
    pages = AnswerPages(live)
    app.router.add_get("/answers", pages.index, allow_head=True)
    app.router.add_get("/answers/{name:[a-z][a-z0-9_-]{0,49}}", pages.answer, allow_head=True)


class AnswerPages:
    """`live` is asked at each request: what was published is seen at once."""

    def __init__(self, live: Callable[[], Material]) -> None:
        self._live = live
        self._markdown = MarkdownIt("commonmark", _PAGE_SHOWN).enable("table").disable("image")
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._index = environment.get_template("answers.html.j2")
        self._answer = environment.get_template("answer.html.j2")

    async def index(self, request: web.Request) -> web.Response:
        """?q= searches questions, texts and topics."""
        language = chosen_language(request)
        answers, _ = self._live()
        search = " ".join(request.query.get("q", "")[:LONGEST_SEARCH].split())
        found = [answer for answer in answers.values() if matches(answer, language, search)]
        return _page(
            request,
            language,
            self._index.render(
                language=language, texts=ANSWER_TEXTS[language], search=search, topics=by_topic(found, language),
                count=len(found), other=_other(language),
            ),
        )  # fmt: skip

    async def answer(self, request: web.Request) -> web.Response:
        language = chosen_language(request)
        answers, services = self._live()
        answer = answers.get(request.match_info["name"])
        if answer is None:
            raise web.HTTPNotFound
        text, spoken_in = in_language(answer.page or answer.spoken, language)
        shown = {
            "name": answer.name,
            "question": in_language(answer.question, language)[0],
            "html": self._markdown.render(text),
            "language": spoken_in,
            "code": answer.code,
            "documents": [in_language(each, language)[0] for each in answer.documents],
            "links": [{"title": in_language(link.title, language)[0], "url": link.url} for link in answer.links],
            "owner": answer.owner,
            "review": answer.review,
            "services": [_service(service, language) for service in _services_for(answer, services.values())],
        }
        page = self._answer.render(
            language=language, texts=ANSWER_TEXTS[language], answer=shown, other=_other(language)
        )
        return _page(request, language, page)


def chosen_language(request: web.Request) -> str:
    """?lang= before what the browser asks for; one that we do not speak is passed over."""
    wished = request.query.get("lang", "")
    return wished if wished in ANSWER_TEXTS else language_for(request.headers.get("Accept-Language", ""))


def matches(answer: AnswerFile, language: str, search: str) -> bool:
    """Every word of the search stands in it, accents and case aside; all of them where nothing is searched for."""
    texts = [in_language(each, language)[0] for each in (answer.question, answer.spoken, answer.page or answer.spoken)]
    heap = folded(" ".join([*texts, *answer.topics, answer.name, answer.code or ""]))
    return all(word in heap for word in folded(search).split()[:MOST_WORDS])


def folded(text: str) -> str:
    """Without accents, in small letters."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def by_topic(answers: Iterable[AnswerFile], language: str) -> list[dict[str, Any]]:
    """[{`topic`, `answers`: [{`name`, `question`}]}], both in the order of what is read."""
    topics: dict[str, list[dict[str, str]]] = {}
    for answer in answers:
        shown = {"name": answer.name, "question": in_language(answer.question, language)[0]}
        for topic in answer.topics:
            topics.setdefault(topic, []).append(shown)
    return [
        {"topic": topic, "answers": sorted(topics[topic], key=lambda each: folded(each["question"]))}
        for topic in sorted(topics)
    ]


def _services_for(answer: AnswerFile, services: Iterable[ServiceFile]) -> list[ServiceFile]:
    """Those that answer for one of its topics, wherever the reader lives."""
    return [each for each in services if any(one.topic in answer.topics for one in each.competence)]


def _service(service: ServiceFile, language: str) -> dict[str, Any]:
    return {
        "title": in_language(service.title, language)[0],
        "about": in_language(service.about, language)[0] if service.about else "",
        "number": service.number or "",
        "address": in_language(service.address, language)[0] if service.address else "",
        "website": service.website or "",
        "at_hand": [in_language(each, language)[0] for each in service.at_hand],
    }


def _other(language: str) -> str:
    return next(each for each in ANSWER_TEXTS if each != language)


def _page(request: web.Request, language: str, html: str) -> web.Response:
    headers = {
        "Content-Language": language,
        "Vary": "Accept-Language",
        "Cache-Control": f"public, max-age={KEPT_S}",
        "Content-Security-Policy": CONTENT_SECURITY,
    }
    return web.Response(text="" if request.method == "HEAD" else html, content_type="text/html", headers=headers)


CONTENT_SECURITY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""No script at all; a form only for the search."""
