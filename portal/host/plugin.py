"""The manifest of a plugin: one object per distribution, found through its entry point."""

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar, TypeVar

import pluggy
from pydantic import BaseModel

from portal.actor import AgencyKind

GROUP = "portal.plugins"
PROJECT = "portal"
SLUG = re.compile(r"[a-z][a-z0-9]{1,19}")

Function = TypeVar("Function", bound=Callable[..., Any])

_mark = pluggy.HookimplMarker(PROJECT)


def hookimpl(function: Function) -> Function:
    """Mark a method of the manifest as the module's answer to a hook of the same name.

    It takes no options: the host orders modules by weight, and nobody comes first or wraps others.
    """
    return _mark(function)


class NoSettings(BaseModel):
    """The settings of a module that has none."""


class Plugin:
    """What a module says about itself; subclass it, and put one object under `portal.plugins`.

    The entry's name is the slug. Everything the module owns begins with it: tables `<slug>_…`,
    permissions and codes of terms `<slug>.…`, blueprints `<slug>` or `<slug>_…`, templates
    `<slug>/…`. What breaks a rule is not loaded, and the page of modules says why in one line.

    name, summary: translatable texts (`_l`).
    requires_portal: the versions of the portal it works with, as a version specifier.
    for_kinds: the kinds of agency that may turn it on; empty for any.
    handles: `{"personal_data"}` where its tables concern people; obliges to `export_person` and
        `erase_person` (Ley 29733, Título III).
    acts: what its acts are called in the trail (`"<slug>.stay.admit": _l("Admitted a child")`).
    circles: who may read each of its tables at most; a table that is not listed is not loaded.
    settings_model: a pydantic model whose every field has a default; one set of values for the
        instance, over which each agency may set its own.
    migrations: `"package:folder"` whose `versions` hold its Alembic revisions; empty where it has
        no tables.
    weight: its place among modules; lighter ones come first, equal ones by slug.
    version: read from the distribution when the module is loaded.
    """

    slug: ClassVar[str]
    name: ClassVar[Any]
    summary: ClassVar[Any] = ""
    requires_portal: ClassVar[str]
    for_kinds: ClassVar[AbstractSet[AgencyKind]] = frozenset()
    handles: ClassVar[AbstractSet[str]] = frozenset()
    acts: ClassVar[Mapping[str, Any]] = {}
    circles: ClassVar[Mapping[str, str]] = {}
    settings_model: ClassVar[type[BaseModel]] = NoSettings
    migrations: ClassVar[str] = ""
    weight: ClassVar[int] = 100
    version: str = ""

    @property
    def package(self) -> str:
        """Return the import package that holds the manifest."""
        return type(self).__module__.partition(".")[0]
