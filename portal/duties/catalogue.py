"""Who must be told of which sign, by when, on what norm: data, read as the terms are.

`DL n` is Decreto Legislativo 1297, `R n` its Reglamento (DS 001-2018-MIMP), both as amended. What
a school, a health facility, a prison or a programme owes when it first learns of a child (R 23.1,
23.4–23.7; R 24) is the alert itself: whoever sends one has told. Here stands what whoever leads
the case owes from then on. Where a norm says “at once” and no more, or is not confirmed, the term
carries its doubt and the instance chooses among its readings.
"""

from dataclasses import dataclass
from typing import Any

from portal.actor import AgencyKind
from portal.cases.models import Right
from portal.deadlines import rules
from portal.deadlines.rules import DeadlineRule, Reading, Unit
from portal.duties.models import Sign
from portal.texts import _l

AT_ONCE = _l(
    "The norm says “at once” and gives no length: 24 hours are counted, as the prosecutor's own"
    " duty has it (R 24)."
)
KNOWN = _l("The sign is known")
SAME_DAY = Reading(length=0, unit=Unit.BUSINESS_DAYS)
NEXT_DAY = Reading(length=1, unit=Unit.BUSINESS_DAYS)
A_DAY = Reading(length=24, unit=Unit.HOURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice owed: of which signs, to which kinds of agency, in which term on which norm.

    `spared` are the kinds of agency that owe it to nobody, because the notice would reach
    themselves. `asked` is proposed as the words of the notice; `caution` says when not to give it.
    `after_closing` ones are owed once the case is closed, and given by an oficio.
    """

    term: DeadlineRule
    signs: frozenset[Sign]
    to: tuple[AgencyKind, ...]
    asked: Any
    right: Right = Right.SAFETY
    spared: frozenset[AgencyKind] = frozenset()
    caution: Any = ""
    after_closing: bool = False

    @property
    def code(self) -> str:
        """Return the code of its term, which names it."""
        return self.term.code


def _term(
    code: str,
    title: Any,
    act_owed: Any,
    source: str,
    *,
    starts_on: Any = KNOWN,
    length: int = 24,
    unit: Unit = Unit.HOURS,
    doubt: Any = "",
    readings: tuple[Reading, ...] = (),
) -> DeadlineRule:
    return DeadlineRule(
        code=f"core.notice.{code}",
        title=title,
        starts_on=starts_on,
        length=length,
        unit=unit,
        act_owed=act_owed,
        source=source,
        doubt=doubt,
        readings=readings,
    )


NOTICES: tuple[Notice, ...] = (
    Notice(
        term=_term(
            "prosecutor",
            _l("Notice to the prosecutor of signs of a crime"),
            _l("The facts to the Ministerio Público"),
            "DL 23, 47",
            doubt=AT_ONCE,
            readings=(SAME_DAY,),
        ),
        signs=frozenset(
            {
                Sign.CRIME,
                Sign.SEXUAL_VIOLENCE,
                Sign.INJURIES,
                Sign.TRAFFICKING,
                Sign.SCHOOL_STAFF,
                Sign.PRISON_MISTREATMENT,
            }
        ),
        to=(AgencyKind.PROSECUTOR,),
        asked=_l(
            "Signs of a crime against the child were found. They are brought to your knowledge for"
            " what is yours to do (DL 1297 arts. 23, 47). Please give the number of the file."
        ),
        spared=frozenset({AgencyKind.PROSECUTOR}),
    ),
    Notice(
        term=_term(
            "police",
            _l("Notice to the police of family violence"),
            _l("The facts to the police station"),
            "TUO Ley 30364",
            doubt=AT_ONCE,
            readings=(SAME_DAY,),
        ),
        signs=frozenset({Sign.FAMILY_VIOLENCE}),
        to=(AgencyKind.POLICE,),
        asked=_l(
            "Signs of violence within the family were found. They are brought to your knowledge so"
            " that the report is taken and the risk is assessed (Ley 30364). Please give the"
            " number of the report."
        ),
        spared=frozenset({AgencyKind.POLICE}),
    ),
    Notice(
        term=_term(
            "court",
            _l("Notice to the family court of family violence"),
            _l("The facts to the family court, which decides on protection measures"),
            "TUO Ley 30364",
            doubt=_l(
                "The 24 hours are those that the police has towards the court; for others the norm"
                " gives no length."
            ),
            readings=(SAME_DAY,),
        ),
        signs=frozenset({Sign.FAMILY_VIOLENCE}),
        to=(AgencyKind.COURT,),
        asked=_l(
            "Signs of violence within the family were found. They are brought to your knowledge so"
            " that protection measures are decided (Ley 30364). Please give the number of the"
            " file."
        ),
        spared=frozenset({AgencyKind.COURT}),
    ),
    Notice(
        term=_term(
            "ugel",
            _l("Notice to the UGEL that staff of a school is suspected"),
            _l("The facts to the UGEL, which takes the person away from the children"),
            "Ley 29988; DS 004-2018-MINEDU",
            length=1,
            unit=Unit.BUSINESS_DAYS,
            doubt=_l(
                "The term is not confirmed: one business day is counted, as schools have it"
                " towards the authority (R 23.5)."
            ),
            readings=(A_DAY,),
        ),
        signs=frozenset({Sign.SCHOOL_STAFF}),
        to=(AgencyKind.EDUCATION,),
        asked=_l(
            "Staff of a school is suspected of violence against a pupil. It is brought to your"
            " knowledge so that the person is taken away from the children while it is"
            " investigated. Please give the number of your document."
        ),
        spared=frozenset({AgencyKind.EDUCATION}),
    ),
    Notice(
        term=_term(
            "consulate",
            _l("Notice to the consulate of a foreign child"),
            _l("That a child of its nationality is under protection"),
            "Convención de Viena sobre Relaciones Consulares art. 37.b; R 160.3.c",
            length=1,
            unit=Unit.BUSINESS_DAYS,
            doubt=_l("The norm says “without delay” and gives no length: one business day counts."),
            readings=(A_DAY, Reading(length=3, unit=Unit.BUSINESS_DAYS)),
        ),
        signs=frozenset({Sign.FOREIGN_CHILD}),
        to=(AgencyKind.MIGRATION,),
        asked=_l(
            "A child of the nationality that you represent is under protection. It is brought to"
            " your knowledge for consular assistance. Please acknowledge by your document."
        ),
        right=Right.IDENTITY,
        caution=_l(
            "Do not tell the consulate of a country from which the child or the family asks for"
            " refuge: give that as the reason (Ley 27891)."
        ),
    ),
    Notice(
        term=_term(
            "missing",
            _l("Notice to the police of a missing child"),
            _l("The report, and the alert for a missing person"),
            "DL 1428; DL 87",
            doubt=AT_ONCE,
            readings=(SAME_DAY,),
        ),
        signs=frozenset({Sign.MISSING}),
        to=(AgencyKind.POLICE,),
        asked=_l(
            "The child's whereabouts are not known. Please take the report and issue the alert for"
            " a missing person (DL 1428), and give its number."
        ),
        spared=frozenset({AgencyKind.POLICE}),
    ),
    Notice(
        term=_term(
            "unprotection",
            _l("Notice to the UPE of signs of unprotection"),
            _l("The file to the UPE; to the court where no UPE exists"),
            "R 23.8",
            length=1,
            unit=Unit.BUSINESS_DAYS,
        ),
        signs=frozenset({Sign.UNPROTECTION}),
        to=(AgencyKind.UPE, AgencyKind.COURT),
        asked=_l(
            "Signs of unprotection were found. The case is brought to your knowledge as the"
            " competent authority (R 23.8). Please give the number of your file."
        ),
        right=Right.CARE,
        spared=frozenset({AgencyKind.UPE, AgencyKind.COURT}),
    ),
    Notice(
        term=_term(
            "given_up",
            _l("Notice of a parent who wants to give up care"),
            _l(
                "The facts to the family prosecutor, the police or the UPE, before a child is"
                " received"
            ),
            "R 23.3; DL 17",
            doubt=AT_ONCE,
            readings=(SAME_DAY,),
        ),
        signs=frozenset({Sign.GIVEN_UP}),
        to=(AgencyKind.UPE, AgencyKind.PROSECUTOR, AgencyKind.POLICE),
        asked=_l(
            "A mother or father wants to give up the care of a child. Please be present before the"
            " child is received (R 23.3), and give the number of your document."
        ),
        right=Right.CARE,
        spared=frozenset({AgencyKind.UPE}),
    ),
    Notice(
        term=_term(
            "newborn",
            _l("Delivery to the UPE of a newborn handed to somebody"),
            _l("The child delivered to the UPE"),
            "R 65.1.c",
            length=0,
            unit=Unit.BUSINESS_DAYS,
        ),
        signs=frozenset({Sign.NEWBORN_HANDED}),
        to=(AgencyKind.UPE, AgencyKind.COURT),
        asked=_l(
            "A newborn was handed to a person or family that is not its own. The child is delivered"
            " to you the same day (R 65.1.c). Please give the number of the record."
        ),
        right=Right.CARE,
        spared=frozenset({AgencyKind.UPE, AgencyKind.COURT}),
    ),
    Notice(
        term=_term(
            "prison",
            _l("Notice to the UPE of mistreatment where a child lives in a prison"),
            _l("The facts to the UPE"),
            "R 23.4",
            length=1,
            unit=Unit.BUSINESS_DAYS,
        ),
        signs=frozenset({Sign.PRISON_MISTREATMENT}),
        to=(AgencyKind.UPE, AgencyKind.COURT),
        asked=_l(
            "A child who lives with its mother in a prison is mistreated. It is brought to your"
            " knowledge as the competent authority (R 23.4). Please give the number of your file."
        ),
        right=Right.CARE,
        spared=frozenset({AgencyKind.UPE, AgencyKind.COURT}),
    ),
    Notice(
        term=_term(
            "conclusion",
            _l("Copy of the conclusion to the family prosecutor"),
            _l("The copy of the resolution to the Ministerio Público"),
            "DL 42, 91",
            starts_on=_l("The case closes"),
            length=5,
            unit=Unit.BUSINESS_DAYS,
            doubt=_l(
                "The norm gives no length: the five days of any notification are counted (TUO 24)."
            ),
            readings=(A_DAY, NEXT_DAY),
        ),
        signs=frozenset({Sign.CONCLUSION}),
        to=(AgencyKind.PROSECUTOR,),
        asked=_l("The copy of the resolution that concludes the procedure is sent (DL 42, 91)."),
        right=Right.CARE,
        spared=frozenset({AgencyKind.PROSECUTOR}),
        after_closing=True,
    ),
)
BY_CODE = {notice.code: notice for notice in NOTICES}

# Those that are still given on a closed case.
AFTER_CLOSING = frozenset(notice.code for notice in NOTICES if notice.after_closing)

rules.register(*(notice.term for notice in NOTICES))


def notices_of(sign: Sign, lead: AgencyKind | None) -> list[Notice]:
    """Return what a sign obliges an institution of a kind to tell."""
    return [each for each in NOTICES if sign in each.signs and lead not in each.spared]
