"""What each view declares of who may open it; a view that declares nothing cannot be registered."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

MARK = "_portal_access"
FRESH = "_portal_fresh"
ENDS = "_portal_ends"
ALL = "*"
SIGNED_IN = "+"
EARLY = "!"
HALF_WAY = "~"
STAGE = "_portal_stage"
SHARED = "_portal_shared"
FILES = "_portal_files"


def requires(permission: str) -> Callable[[View], View]:
    """Open a view to those whose roles grant a permission; to the others it is not there."""
    return _mark(permission)


def signed_in(view: View) -> View:
    """Open a view to whoever is signed in: one's own settings, one's own drafts."""
    return _mark(SIGNED_IN)(view)


def open_to_all(view: View) -> View:
    """Open a view to everybody: sign-in, health, policies."""
    return _mark(ALL)(view)


def answers_early(view: View) -> View:
    """Let a view answer before anybody is looked up; it proves by itself who may ask."""
    return _mark(EARLY)(view)


def half_way(stage: str) -> Callable[[View], View]:
    """Open a view to whoever stands at one stage of signing in, and to nobody else."""

    def mark(view: View) -> View:
        setattr(view, STAGE, stage)
        return _mark(HALF_WAY)(view)

    return mark


def on_shared_desks(view: View) -> View:
    """Open a view that is one's own to whoever came in by PIN at a shared desk too."""
    setattr(view, SHARED, True)
    return view


def is_on_shared_desks(view: Any) -> bool:
    """Tell whether whoever came in by PIN may open a view."""
    return bool(getattr(view, SHARED, False))


def takes_files(view: View) -> View:
    """Let a view take a form as large as a document; see `portal.web.uploads`."""
    setattr(view, FILES, True)
    return view


def is_for_files(view: Any) -> bool:
    """Tell whether a view takes files."""
    return bool(getattr(view, FILES, False))


def fresh(view: View) -> View:
    """Ask for a proof of the last minutes before a view: what is gravest (ASVS 5.0, 7.5.3).

    Stands above the permission; see `guard.require_proof`.
    """
    setattr(view, FRESH, True)
    return view


def ending(view: View) -> View:
    """Let a view answer in a staff session though it writes: what ends it, or the sign-in."""
    setattr(view, ENDS, True)
    return view


def ends_a_look(view: Any) -> bool:
    """Tell whether a view answers in a staff session though it writes."""
    return bool(getattr(view, ENDS, False))


def asks_for_proof(view: Any) -> bool:
    """Tell whether a view asks for a proof of the last minutes."""
    return bool(getattr(view, FRESH, False))


def _mark(value: str) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, MARK, value)
        return view

    return mark


def access_of(view: Any) -> str | None:
    """Return what a view declares, or None."""
    return getattr(view, MARK, None)


def stage_of(view: Any) -> str:
    """Return for which stage of signing in a view is."""
    return str(getattr(view, STAGE, ""))
