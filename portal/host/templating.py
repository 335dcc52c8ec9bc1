"""Where templates are found: the core's first, a module's only under its own name.

Compiling one takes up to 60 ms, so what was compiled is kept for each later process.
"""

from contextlib import suppress
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemBytecodeCache,
    FileSystemLoader,
    PrefixLoader,
)
from jinja2.bccache import Bucket

from portal.host import loading


def with_modules(core: BaseLoader) -> BaseLoader:
    """Return a loader that finds the core's templates, then `<slug>/…` in each module's package."""
    folders = {
        slug: FileSystemLoader(module.templates)
        for slug, module in loading.current().loaded.items()
        if module.templates
    }
    return ChoiceLoader([core, PrefixLoader(folders)])


class Compiled(FileSystemBytecodeCache):
    """What templates were compiled to, in a folder that only the portal may write."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(str(folder))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled; where the disk is full the page is shown all the same."""
        with suppress(OSError):
            super().dump_bytecode(bucket)
