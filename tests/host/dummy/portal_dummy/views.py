"""The pages of the dummy module."""

from flask import Blueprint

from portal.sdk import requires

bp = Blueprint("dummy", __name__)


@bp.get("/")
@requires("dummy.note.read")
def index() -> str:
    """Show that the module is here."""
    return "dummy"


@bp.get("/<name>")
@requires("dummy.note.read")
def one(name: str) -> str:
    """Show one thing."""
    return name


@bp.post("/write")
@requires("dummy.note.read")
def write() -> str:
    """Take a form."""
    return "written"
