"""The gate: a module's addresses exist only for agencies that have it on."""

from portal.actor import Actor
from portal.errors import NotFound
from portal.host import loading


def enter(blueprint: str | None, actor: Actor) -> None:
    """Let a signed-in actor pass to a view of this blueprint, or raise NotFound.

    `web` asks before every view; the answer is the one that an unknown address gives.
    """
    slug = loading.current().owner_of(blueprint)
    if slug is not None and slug not in actor.modules:
        raise NotFound
