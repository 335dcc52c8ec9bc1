"""The pages of the dummy module."""

from flask import Blueprint

bp = Blueprint("dummy", __name__)


@bp.get("/")
def index() -> str:
    """Show that the module is here."""
    return "dummy"


@bp.get("/<name>")
def one(name: str) -> str:
    """Show one thing."""
    return name


@bp.post("/write")
def write() -> str:
    """Take a form."""
    return "written"
