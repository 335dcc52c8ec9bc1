"""Lines of the home page: what cases ask of the actor now."""

from collections import Counter
from datetime import date

from sqlmodel import Session

from portal import clock
from portal.actor import Actor
from portal.cases.running import TermRow, terms_running_out
from portal.deadlines import DeadlineRule, rules
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.texts import _

HOME_DAYS = 7


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the terms that the acting agency owes and that run out within a week, or have.

    Siblings whose terms end on one day share a line.
    """
    if actor.agency_id is None:
        return []
    terms = terms_running_out(
        session, actor, within_days=HOME_DAYS, limit=limit, agency_id=actor.agency_id
    )
    today = clock.today()
    together = Counter((term.case_id, term.rule_code, term.due_on) for term in terms)
    first = {(term.case_id, term.rule_code, term.due_on): term for term in reversed(terms)}
    return [_term_line(first[key], many, today) for key, many in together.items()]


def _term_line(term: TermRow, many: int, today: date) -> HomeItem:
    title = f"{term.case_code} · {_rule_of(term).title}"
    return HomeItem(
        when=term.due_on,
        tone=_tone(term, today),
        title=f"{title} (×{many})" if many > 1 else title,
        note=_rule_of(term).source,
        url=f"/cases/{term.case_code}",
        action_label=_("Attend to it"),
        action_url=f"/cases/{term.case_code}",
        group=HomeGroup.TERMS,
    )


def _rule_of(term: TermRow) -> DeadlineRule:
    return rules.known(term.rule_code, clock.local(term.starts_at).date())


def _tone(term: TermRow, today: date) -> Tone:
    if term.is_late:
        return Tone.OVERDUE
    return Tone.DUE_SOON if (term.due_on - today).days <= 1 else Tone.IN_TIME
