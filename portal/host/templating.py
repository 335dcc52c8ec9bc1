"""Where templates are found: the core's first, a module's only under its own name."""

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader

from portal.host import loading


def with_modules(core: BaseLoader) -> BaseLoader:
    """Return a loader that finds the core's templates, then `<slug>/…` in each module's package."""
    folders = {
        slug: FileSystemLoader(module.templates)
        for slug, module in loading.current().loaded.items()
        if module.templates
    }
    return ChoiceLoader([core, PrefixLoader(folders)])
