"""The demonstration files real documents by the way that every file goes."""

from pathlib import Path

import sqlalchemy as sa
from sqlmodel import select

from portal.cases.models import CaseParty
from portal.db.files import FileStore
from portal.demo.documents import CASE, make_documents
from portal.demo.world import Builder, ago
from portal.documents.models import Document, DocumentVersion, Format
from portal.documents.queries import title_of
from portal.settings import Settings
from tests.cases.test_rights import actor_at
from tests.sharing.conftest import House


def test_a_report_and_a_photograph_are_filed_and_nothing_else_lies_about(
    house: House, tmp_path: Path
) -> None:
    made = Builder(house.db, Settings(data_dir=tmp_path, secret_key="s" * 40))
    made.actors["upe"], made.cases[CASE] = actor_at(house, "upe-boss"), house.case_id
    with house.db.write() as session:
        session.execute(sa.update(CaseParty).values(since=ago(9)))
    make_documents(made)
    with house.db.read() as session:
        titles = {title_of(session, each) for each in session.exec(select(Document))}
        versions = session.exec(select(DocumentVersion)).all()
    assert titles == {
        "Informe de atención del centro de salud",
        "Fotografía de la ficha de matrícula",
    }
    assert {each.format for each in versions} == {Format.PDF, Format.JPEG}
    kept = {name for each in versions for name in (each.file, each.preview) if name}
    assert {name for name, _at in FileStore(made.settings.files_path).names()} == kept
