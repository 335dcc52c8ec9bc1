"""Who searches: whoever works on cases, among what the rules of each record let them see."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {"search.search.run": CASE_ROLES}
