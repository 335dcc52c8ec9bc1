"""Words for official systems and for what stands on their sheets."""

from portal.registries.models import System
from portal.settings import CopyField
from portal.texts import _l

SYSTEM = {
    System.SISPE: _l("SISPE (UPE)"),
    System.SISDNA: _l("SISDNA (DEMUNA)"),
    System.SISNNA: _l("SISNNA (unified)"),
    System.SIAGIE: _l("SIAGIE (school)"),
    System.SIS: _l("SIS (health insurance)"),
    System.PROSECUTOR: _l("File of the prosecutor"),
    System.COURT: _l("File of the court"),
    System.OTHER: _l("Another system"),
}
FIELD = {
    CopyField.CODE: _l("Code in Articula"),
    CopyField.RECEIVED: _l("Date of reception"),
    CopyField.SITUATION: _l("Situation"),
    CopyField.DISTRICT: _l("District"),
    CopyField.UBIGEO: _l("UBIGEO (INEI)"),
    CopyField.SUMMARY: _l("What happened"),
    CopyField.FIRST_SURNAME: _l("First surname"),
    CopyField.SECOND_SURNAME: _l("Second surname"),
    CopyField.GIVEN_NAMES: _l("Given names"),
    CopyField.DOCUMENT: _l("Document"),
    CopyField.NUMBER: _l("Number"),
    CopyField.OTHER_DOCUMENTS: _l("Other identity documents"),
    CopyField.BORN_ON: _l("Birth date"),
    CopyField.AGE: _l("Age"),
    CopyField.SEX: _l("Sex"),
    CopyField.REGISTRY_OFFICE: _l("Registry office"),
    CopyField.PEOPLE: _l("Indigenous people"),
    CopyField.LANGUAGE: _l("Language"),
    CopyField.INTERPRETER: _l("Needs an interpreter"),
    CopyField.DISABILITY: _l("Disability"),
    CopyField.PREGNANCY: _l("Pregnancy"),
    CopyField.OFFICIAL_CODE: _l("Code in this system"),
    CopyField.CAREGIVERS: _l("Who takes care of them"),
    CopyField.PARENTS: _l("Mother and father"),
}
