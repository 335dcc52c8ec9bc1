"""Answers of referrals as rows of their own; what a returned referral was sent on as."""

import uuid

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0039_answers"
down_revision = "0038_postponements"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TEXT = sqlmodel.sql.sqltypes.AutoString
ANSWER, REFERRAL = "portal_referral_answer", "portal_referral"
OUTCOMES = ("appointment", "attended", "not_come")
MOVED = ("answer", "answer_document", "answer_dated", "is_partial", "restores", "answered_for")


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{ANSWER}_{column}")


def _answers() -> sa.TableClause:
    return sa.table(
        ANSWER,
        sa.column("id", sa.Uuid()),
        sa.column("referral_id", sa.Uuid()),
        sa.column("agency_id", sa.Uuid()),
        sa.column("for_them", sa.Boolean()),
        sa.column("at", MOMENT()),
        sa.column("answer", TEXT()),
        sa.column("document", TEXT()),
        sa.column("dated", sa.Date()),
        sa.column("is_partial", sa.Boolean()),
        sa.column("restores", sa.Boolean()),
    )


def _referrals() -> sa.TableClause:
    return sa.table(
        REFERRAL,
        sa.column("id", sa.Uuid()),
        sa.column("from_agency_id", sa.Uuid()),
        sa.column("to_agency_id", sa.Uuid()),
        sa.column("status", TEXT()),
        sa.column("answer", TEXT()),
        sa.column("answer_document", TEXT()),
        sa.column("answer_dated", sa.Date()),
        sa.column("is_partial", sa.Boolean()),
        sa.column("restores", sa.Boolean()),
        sa.column("answered_for", sa.Boolean()),
        sa.column("answered_at", MOMENT()),
        sa.column("ended_at", MOMENT()),
        sa.column("settled_at", MOMENT()),
    )


def upgrade() -> None:
    op.create_table(
        ANSWER,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("by_id", sa.Uuid()),
        sa.Column("for_them", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT(), nullable=False),
        sa.Column("answer", TEXT(length=2000), nullable=False),
        sa.Column("document", TEXT(length=120), nullable=False),
        sa.Column("dated", sa.Date()),
        sa.Column("outcome", sa.Enum(*OUTCOMES, name="outcome", native_enum=False, length=32)),
        sa.Column("appointment_on", sa.Date()),
        sa.Column("is_partial", sa.Boolean(), nullable=False),
        sa.Column("restores", sa.Boolean(), nullable=False),
        _key("referral_id", REFERRAL),
        _key("agency_id", "portal_agency"),
        _key("by_id", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{ANSWER}"),
    )
    op.create_index(f"ix_{ANSWER}_at", ANSWER, ["referral_id", "at"])
    with op.batch_alter_table(REFERRAL) as batch:
        batch.add_column(sa.Column("settled_at", MOMENT()))
        batch.add_column(sa.Column("follows_id", sa.Uuid()))
        batch.add_column(
            sa.Column("sets_right", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch.create_foreign_key(f"fk_{REFERRAL}_follows_id", REFERRAL, ["follows_id"], ["id"])
        batch.create_unique_constraint(f"uq_{REFERRAL}_follows_id", ["follows_id"])
    _move()
    with op.batch_alter_table(REFERRAL) as batch:
        batch.alter_column("sets_right", server_default=None)
        for column in MOVED:
            batch.drop_column(column)


def _move() -> None:
    """Give each answer a row; what was returned before needs nobody's note any more."""
    connection, referral = op.get_bind(), _referrals()
    found = connection.execute(
        sa.select(referral).where(referral.c.answered_at.is_not(None))
    ).mappings()
    rows = [
        {
            "id": uuid.uuid4(),
            "referral_id": row["id"],
            "agency_id": row["from_agency_id" if row["answered_for"] else "to_agency_id"],
            "for_them": row["answered_for"],
            "at": row["answered_at"],
            "answer": row["answer"],
            "document": row["answer_document"],
            "dated": row["answer_dated"],
            "is_partial": row["is_partial"],
            "restores": row["restores"],
        }
        for row in found
    ]
    if rows:
        op.bulk_insert(_answers(), rows)
    connection.execute(
        sa.update(referral)
        .where(referral.c.status == "returned")
        .values(settled_at=referral.c.ended_at)
    )


def downgrade() -> None:
    with op.batch_alter_table(REFERRAL) as batch:
        for name, kind in (
            ("answer", TEXT(length=2000)),
            ("answer_document", TEXT(length=120)),
        ):
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=""))
        batch.add_column(sa.Column("answer_dated", sa.Date()))
        for name in ("is_partial", "restores", "answered_for"):
            batch.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
    connection, referral, answer = op.get_bind(), _referrals(), _answers()
    # The last one of each stays.
    for row in connection.execute(sa.select(answer).order_by(answer.c.at)).mappings().all():
        connection.execute(
            sa.update(referral)
            .where(referral.c.id == row["referral_id"])
            .values(
                answer=row["answer"],
                answer_document=row["document"],
                answer_dated=row["dated"],
                is_partial=row["is_partial"],
                restores=row["restores"],
                answered_for=row["for_them"],
            )
        )
    with op.batch_alter_table(REFERRAL) as batch:
        for name in ("answer", "answer_document", "is_partial", "restores", "answered_for"):
            batch.alter_column(name, server_default=None)
        batch.drop_constraint(f"uq_{REFERRAL}_follows_id", type_="unique")
        batch.drop_constraint(f"fk_{REFERRAL}_follows_id", type_="foreignkey")
        for name in ("sets_right", "follows_id", "settled_at"):
            batch.drop_column(name)
    op.drop_table(ANSWER)
