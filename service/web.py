"""The web page: one document whose policy lets in nothing but its own files."""

from flask import Blueprint, Response, make_response, render_template

from models.summarizer import DEFAULT_WORDS, FEWEST_WORDS, MOST_WORDS

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

web_blueprint = Blueprint("web", __name__)


@web_blueprint.get("/")
def show_page() -> Response:
    """Serve the page that pastes, translates and shows an item."""
    limits = {"fewest": FEWEST_WORDS, "most": MOST_WORDS, "default": DEFAULT_WORDS}
    return make_response(render_template("index.html", words=limits))


@web_blueprint.after_request
def add_headers(response: Response) -> Response:
    """Close the page to scripts, styles, frames and referrers from elsewhere."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-cache"
    return response
