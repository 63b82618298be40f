"""The HTTP interface under /v1 and the two health checks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any

import structlog
from apiflask import APIBlueprint
from flask import Response, current_app, g
from flask import request as flask_request
from pydantic import BaseModel

from models.cancellation import cancellable
from models.errors import Cancelled, DiemtinError, QueueFull
from service.admission import Admission, Place
from service.article import Article
from service.clients import is_client_gone
from service.openapi import NOT_READY, PROBLEMS
from service.pipeline import (
    Digest,
    DigestDone,
    DigestOptions,
    ElementDone,
    Event,
    ItemParsed,
    SummaryDone,
    TextTooLong,
)
from service.problems import problem_of, report_unexpected
from service.request_schemas import (
    DigestRequest,
    StreamRequest,
    SummarizeRequest,
    TranslateRequest,
)
from service.runtime import Runtime, State
from service.schemas import (
    DigestAnswer,
    DigestListOut,
    DigestOut,
    ElementOut,
    FailedOut,
    ModelOut,
    ModelsOut,
    Problem,
    StatusOut,
    SummarizedAnswer,
    SummarizedListOut,
    SummarizedOut,
    SummaryOut,
)

EXTENSION = "diemtin"
ADMISSION = "diemtin-admission"
RETRY_AFTER_S = 5
TEXTS_AT_ONCE = 8

api_blueprint = APIBlueprint("api", __name__, tag="diemtin")
health_blueprint = APIBlueprint("health", __name__, tag="health")

_log = structlog.get_logger()


def runtime() -> Runtime:
    """The runtime of the current application."""
    owned: Runtime = current_app.extensions[EXTENSION]
    return owned


@api_blueprint.before_request
def take_place() -> None:
    """Admit a request that needs the model, or refuse it at once."""
    if flask_request.method == "POST":
        admission: Admission = current_app.extensions[ADMISSION]
        g.place = admission.enter()


@api_blueprint.after_request
def give_place_back(response: Response) -> Response:
    """End the request's place: now, or when its stream ends or its reader is gone."""
    place: Place | None = g.pop("place", None)
    if place and response.is_streamed:
        response.call_on_close(place.leave)
    elif place:
        place.leave()
    return response


@api_blueprint.post("/digest")
@api_blueprint.input(DigestRequest)
@api_blueprint.output(DigestAnswer, description="The digest; for a list of texts, `results`.")
@api_blueprint.doc(responses=PROBLEMS)
def digest(json_data: DigestRequest) -> BaseModel:
    """Translate and summarise."""
    make = runtime().digester().digest
    return _answer(json_data, make, DigestOut.of, DigestListOut)


@api_blueprint.post("/translate")
@api_blueprint.input(TranslateRequest)
@api_blueprint.output(DigestAnswer, description="The translation; for a list, `results`.")
@api_blueprint.doc(responses=PROBLEMS)
def translate(json_data: TranslateRequest) -> BaseModel:
    """Translate."""
    make = runtime().digester().translate
    return _answer(json_data, make, DigestOut.of, DigestListOut)


@api_blueprint.post("/summarize")
@api_blueprint.input(SummarizeRequest)
@api_blueprint.output(SummarizedAnswer, description="The summary; for a list, `results`.")
@api_blueprint.doc(responses=PROBLEMS)
def summarize(json_data: SummarizeRequest) -> BaseModel:
    """Summarise in English."""
    make = runtime().digester().digest
    return _answer(json_data, make, SummarizedOut.of, SummarizedListOut)


@api_blueprint.post("/digest/stream")
@api_blueprint.input(StreamRequest)
@api_blueprint.doc(
    responses={
        **PROBLEMS,
        200: {
            "description": "Server-sent events: article, elements, summary, done; or error.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
    }
)
def stream_digest(json_data: StreamRequest) -> Response:
    """Translate and summarise, telling each element as it is done."""
    options = json_data.options(runtime().settings.max_characters)
    events = runtime().digester().stream(json_data.text, options)
    first = next(events)  # input errors come out here, while the status can still say so
    is_gone = is_client_gone(flask_request.environ)
    return Response(
        _server_sent(first, events, flask_request.path, is_gone),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@api_blueprint.get("/models")
@api_blueprint.output(ModelsOut)
def list_models() -> ModelsOut:
    """List the catalogue, and what this service uses."""
    owned = runtime()
    cards = [owned.store.catalogue.get(name) for name in owned.store.catalogue.names]
    return ModelsOut(
        translator=owned.translator,
        summarizer=owned.summarizer,
        models=[ModelOut.of(card, owned.store.is_present(card.name)) for card in cards],
    )


@health_blueprint.get("/healthz")
@health_blueprint.output(StatusOut)
def check_alive() -> StatusOut:
    """Tell that the process answers."""
    return StatusOut(status="ok")


@health_blueprint.get("/readyz")
@health_blueprint.output(StatusOut)
@health_blueprint.doc(responses=NOT_READY)
def check_ready() -> tuple[StatusOut, int, dict[str, str]]:
    """Tell whether the model answers."""
    owned = runtime()
    if owned.state is State.READY:
        return StatusOut(status="ok"), 200, {}
    failed = owned.state is State.FAILED
    status = StatusOut(status="failed" if failed else "loading", detail=owned.failure)
    return status, 503, {"Retry-After": str(RETRY_AFTER_S)}


def _answer(
    request: DigestRequest | TranslateRequest,
    make: Callable[[str, DigestOptions], Digest],
    as_out: Callable[[Digest], BaseModel],
    as_list: type[DigestListOut] | type[SummarizedListOut],
) -> BaseModel:
    options = request.options(runtime().settings.max_characters)
    with cancellable(is_client_gone(flask_request.environ)):
        if isinstance(request.text, str):
            return as_out(make(request.text, options))
        _check_count(request.text)
        answer = partial(_answer_one, make=make, as_out=as_out, options=options)
        return as_list(results=_answer_each(request.text, answer))


def _answer_each(texts: Sequence[str], answer: Callable[[str], Any]) -> list[Any]:
    """Answer the texts in order; together, where the engine takes them in batches."""
    if len(texts) < 2 or not runtime().digester().takes_batches:
        return [answer(text) for text in texts]
    with ThreadPoolExecutor(min(len(texts), TEXTS_AT_ONCE)) as pool:
        # A context of its own for each, with the request and whether its client is gone.
        asked = [pool.submit(copy_context().run, answer, text) for text in texts]
        return [one.result() for one in asked]


def _answer_one(
    text: str,
    make: Callable[[str, DigestOptions], Digest],
    as_out: Callable[[Digest], BaseModel],
    options: DigestOptions,
) -> Any:  # noqa: ANN401 - the list model checks what comes
    try:
        return as_out(make(text, options))
    except (Cancelled, QueueFull):
        raise  # nobody is there, or the whole request is to come again
    except DiemtinError as error:
        document = problem_of(error)
    except Exception as error:  # it must not take the other texts with it
        document = report_unexpected(error, flask_request.path)
    return FailedOut(error=Problem.model_validate(document))


def _check_count(texts: Sequence[str]) -> None:
    limit = runtime().settings.max_texts
    if len(texts) > limit:
        raise TextTooLong(
            f"The request has {len(texts):,} texts; the limit is {limit:,}. "
            "Send them in several requests."
        )


def _server_sent(
    first: Event, events: Iterator[Event], path: str, is_gone: Callable[[], bool]
) -> Iterator[str]:
    yield _message(first)
    try:
        for event in _cancellable(events, is_gone):
            yield _message(event)
    except DiemtinError as error:
        _log.warning("stream failed", error=type(error).__name__)
        yield _format("error", problem_of(error))
    except Exception as error:  # the status is out already; the server would log the message
        yield _format("error", report_unexpected(error, path))


def _cancellable(events: Iterator[Event], is_gone: Callable[[], bool]) -> Iterator[Event]:
    while True:
        with cancellable(is_gone):  # not around the yield: what the server does is its own
            event = next(events, None)
        if event is None:
            return
        yield event


def _message(event: Event) -> str:
    match event:
        case ItemParsed(article):
            return _format("article", {"elements": _outline(article)})
        case ElementDone(element):
            return _format("element", ElementOut.of(element).model_dump(mode="json"))
        case SummaryDone(summary):
            return _format("summary", SummaryOut.of(summary).model_dump(mode="json"))
        case DigestDone(whole):
            return _format("done", DigestOut.of(whole).model_dump(mode="json"))


def _outline(article: Article) -> list[dict[str, Any]]:
    return [
        ElementOut(
            id=element.id,
            kind=element.kind,
            source=element.text,
            target=None,
            warnings=[],
            terms=[],
        ).model_dump(mode="json")
        for element in article.visible
    ]


def _format(event: str, data: object) -> str:
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
