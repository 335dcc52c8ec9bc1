"""What axe finds on a page: put into it once however often it is asked, and told shortly."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
ASK = """async rules => {
    const asked = { runOnly: rules, resultTypes: ["violations"], preload: false, iframes: false };
    const found = await axe.run(document, asked);
    const where = each => each.nodes.map(node => node.target).slice(0, 3);
    return found.violations.map(each => `${each.id}: ${where(each)}`);
}"""


def violations(page: Page, *rules: str) -> list[str]:
    """Return the rules that a page breaks, each with where; all of WCAG 2.2 AA unless named.

    No frame and no stylesheet of another site is fetched for it: the portal has neither.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(ASK, list(rules or WCAG))
    if found:
        # The bell is exchanged every three seconds: what axe had in hand then is looked at again.
        again = page.evaluate(ASK, list(rules or WCAG))
        found = [each for each in found if each in again]
    return found
