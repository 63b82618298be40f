"""The Flask application: blueprints, error documents and the model's life cycle."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import structlog
from apiflask import APIFlask, HTTPError
from flask import Response, json, request
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.exceptions import HTTPException

from models.errors import DiemtinError
from service.api import EXTENSION, RETRY_AFTER_S, api_blueprint, health_blueprint
from service.problems import MEDIA_TYPE, TYPE_PREFIX, problem_of
from service.runtime import Runtime
from service.settings import Settings, load_settings
from service.web import web_blueprint

BYTES_PER_CHARACTER = 12  # "\\u1ec7" twice over: the dearest that JSON can write one

_log = structlog.get_logger()


def create_app(settings: Settings | None = None, runtime: Runtime | None = None) -> APIFlask:
    """Return the application; its model loads in the background.

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
    app.config["MAX_CONTENT_LENGTH"] = (
        settings.max_characters * settings.max_texts * BYTES_PER_CHARACTER
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined] # Flask's default provider has it
    owned = runtime or Runtime(settings)
    app.extensions[EXTENSION] = owned
    _add_blueprints(app)
    _add_error_documents(app)
    if runtime is None:
        owned.start()
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
    if request.method == "POST" and request.path.startswith("/v1/") and not request.is_json:
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
        _log.error("request failed", error=type(error).__name__)
    return _respond(document, status)


def _answer_api_error(error: HTTPError) -> Response:
    if error.status_code == 422:
        return _document(422, "wrong-type", "The request is not valid", _validation_text(error))
    return _document(error.status_code, "http", str(error.message), str(error.message))


def _answer_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status == 400 and request.path.startswith("/v1/"):
        return _document(400, "malformed-json", "The body is not valid JSON", _json_text(error))
    if status == 413:
        return _document(
            413, "too-long", "The request is too large", "Send fewer or shorter texts."
        )
    return _document(status, f"http-{status}", error.name, error.description or error.name)


def _answer_unexpected(error: Exception) -> Response:
    _log.error("unexpected error", error=type(error).__name__, path=request.path, exc_info=True)
    return _document(
        500,
        "internal",
        "Something went wrong",
        "The service failed on this request; its log says where. Please report it.",
    )


def _validation_text(error: HTTPError) -> str:
    fields: dict[str, Any] = error.detail.get("json", {})
    return " ".join(f"{name}: {'; '.join(texts)}." for name, texts in fields.items())


def _json_text(error: HTTPException) -> str:
    return 'Send a JSON object such as {"text": "…"}, in UTF-8.'


def _document(status: int, slug: str, title: str, detail: str) -> Response:
    document = {"type": TYPE_PREFIX + slug, "title": title, "status": status, "detail": detail}
    return _respond(document, status)


def _respond(document: dict[str, object], status: int) -> Response:
    response = Response(json.dumps(document), status=status, mimetype=MEDIA_TYPE)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
