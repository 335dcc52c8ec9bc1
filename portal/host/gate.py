"""The gate: a module's addresses exist only for agencies that have it on."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from portal.actor import Actor, Role
from portal.errors import NotFound
from portal.host import loading


def enter(blueprint: str | None, actor: Actor) -> None:
    """Let a signed-in actor pass to a view of this blueprint, or raise NotFound.

    `web` asks before every view; the answer is the one that an unknown address gives.
    """
    slug = loading.current().owner_of(blueprint)
    if slug is not None and slug not in actor.modules:
        raise NotFound


def granted(
    permissions: Mapping[str, frozenset[Role]],
    roles: AbstractSet[Role],
    modules: AbstractSet[str],
) -> frozenset[str]:
    """Return the permissions that roles hold; a module's own only while it is on."""
    off = loading.current().loaded.keys() - modules
    return frozenset(
        name
        for name, wanted in permissions.items()
        if wanted & roles and name.partition(".")[0] not in off
    )
