"""The Flask application: blueprints, error documents and the model's life cycle."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import structlog
from apiflask import APIFlask, HTTPError
from flask import Response, current_app, json, request
from flask.json.provider import DefaultJSONProvider
from flask_swagger_ui import get_swaggerui_blueprint
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from models.errors import DiemtinError
from service.admission import MOST_REQUESTS, Admission
from service.api import ADMISSION, EXTENSION, RETRY_AFTER_S, api_blueprint, health_blueprint
from service.job_api import add_jobs, job_blueprint
from service.jobs.jobs import Jobs
from service.openapi import complete_spec
from service.problems import (
    JSON_ADVICE,
    MEDIA_TYPE,
    TYPE_PREFIX,
    problem_of,
    problem_of_request,
    report_unexpected,
)
from service.runtime import Runtime
from service.settings import Settings, load_settings
from service.web import web_blueprint

BYTES_PER_CHARACTER = 12  # "\\u1ec7" twice over: the dearest that JSON can write one
BYTES_BESIDE_TEXTS = 1_000_000  # a glossary, options


_log = structlog.get_logger()


class _Json(DefaultJSONProvider):
    """Flask's own, which writes letters as they are and calls endless nesting malformed."""

    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ANN401 - Flask's signature
        """Return what the JSON says."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def create_app(
    settings: Settings | None = None,
    runtime: Runtime | None = None,
    max_requests: int = MOST_REQUESTS,
) -> APIFlask:
    """Return the application; its model loads in the background.

    It answers at most `max_requests` requests for digests at a time, and refuses others.

    Raises:
        BadConfig: a setting or a data file is malformed.
        UnknownModel: a setting names a model that the catalogue lacks.
    """
    settings = settings or load_settings()
    app = APIFlask(
        __name__,
        title="diemtin",
        version=version("diemtin"),
        docs_path=None,
        static_folder="static",
    )
    app.config["VALIDATION_ERROR_STATUS_CODE"] = 422
    app.config["AUTO_VALIDATION_ERROR_RESPONSE"] = False
    app.config["AUTO_OPERATION_ID"] = True
    app.spec_processor(complete_spec)
    app.config["MAX_CONTENT_LENGTH"] = (
        settings.max_characters * settings.max_texts * BYTES_PER_CHARACTER + BYTES_BESIDE_TEXTS
    )
    app.json = _Json(app)
    owned = runtime or Runtime(settings)
    app.extensions[EXTENSION] = owned
    app.extensions[ADMISSION] = Admission(max_requests)
    _add_blueprints(app)
    jobs = Jobs(settings, owned)
    add_jobs(app, jobs, settings.max_archive_mib)
    _add_error_documents(app)
    if runtime is None:
        owned.start()
        jobs.start()
    return app


def _add_blueprints(app: APIFlask) -> None:
    app.register_blueprint(api_blueprint, url_prefix="/v1")
    app.register_blueprint(health_blueprint)
    app.register_blueprint(web_blueprint)
    app.register_blueprint(
        get_swaggerui_blueprint("/docs", "/openapi.json", config={"app_name": "diemtin"})
    )


def _add_error_documents(app: APIFlask) -> None:
    app.before_request(_require_json)
    app.error_processor(_answer_api_error)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(DiemtinError, _answer_own_error)
    app.register_error_handler(Exception, _answer_unexpected)


def _require_json() -> Response | None:
    # An unknown address or a wrong method has an answer of its own, whatever was sent to it.
    if request.method != "POST" or request.routing_exception:
        return None
    if request.blueprint != job_blueprint.name and not request.is_json:
        return _document(
            415,
            "wrong-content-type",
            "The body is not JSON",
            'Send the request with "Content-Type: application/json".',
        )
    return None


def _answer_own_error(error: DiemtinError) -> Response:
    document = problem_of(error)
    status = int(str(document["status"]))
    if status >= 500:
        _log.error("request failed", error=type(error).__name__, path=request.path)
    return _respond(document, status)


def _answer_api_error(error: HTTPError) -> Response:
    if isinstance(error.__cause__, ValidationError):
        return _respond(problem_of_request(error.__cause__), error.status_code)
    return _document(error.status_code, "http", str(error.message), str(error.message))


def _answer_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status == 400 and request.path.startswith("/v1/"):
        return _document(400, "malformed-json", "The body is not valid JSON", JSON_ADVICE)
    if status == 413:
        return _document(
            413,
            "request-too-large",
            "The request is too large",
            f"It may have {current_app.config['MAX_CONTENT_LENGTH']:,} bytes. "
            "Send fewer or shorter texts.",
        )
    response = _document(status, f"http-{status}", error.name, error.description or error.name)
    told = error.get_headers(request.environ)  # such as Allow or Content-Range
    response.headers.extend((name, value) for name, value in told if name != "Content-Type")
    return response


def _answer_unexpected(error: Exception) -> Response:
    return _respond(report_unexpected(error, request.path), 500)


def _document(status: int, slug: str, title: str, detail: str) -> Response:
    document = {"type": TYPE_PREFIX + slug, "title": title, "status": status, "detail": detail}
    return _respond(document, status)


def _respond(document: dict[str, object], status: int) -> Response:
    response = Response(json.dumps(document), status=status, mimetype=MEDIA_TYPE)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
