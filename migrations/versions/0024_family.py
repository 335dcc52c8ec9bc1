"""The family of a case, and what else is known of who a person is."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0024_family"
down_revision = "0023_search"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TEXTS = (("registry_office", 120), ("people", 60))
MARKS = ("name_is_assigned", "has_died")
SEALED = ("description_sealed", "disability_sealed", "pregnancy_sealed")
RELATIONS = (
    "mother",
    "father",
    "maternal_grandparent",
    "paternal_grandparent",
    "grandparent",
    "maternal_aunt_uncle",
    "paternal_aunt_uncle",
    "aunt_uncle",
    "sibling",
    "stepparent",
    "cousin",
    "guardian",
    "carer",
    "other",
)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    for name, length in TEXTS:
        column = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("portal_person", column)
    for name in MARKS:
        column = sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column("portal_person", column)
    for name in SEALED:
        op.add_column("portal_person", sa.Column(name, sa.LargeBinary()))
    with op.batch_alter_table("portal_person") as batch:
        for name, _length in TEXTS:
            batch.alter_column(name, server_default=None)
        for name in MARKS:
            batch.alter_column(name, server_default=None)
    op.create_index("ix_portal_person_born_on", "portal_person", ["born_on"])
    _make_relatives()


def _make_relatives() -> None:
    relative, child = "portal_relative", "portal_relative_child"
    op.create_table(
        relative,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(*RELATIONS, name="relation", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("lives_with", sa.Boolean(), nullable=False),
        sa.Column("is_caregiver", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date()),
        sa.Column("until", sa.Date()),
        sa.Column("said_by", sa.String(120), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("whereabouts_open", sa.Boolean(), nullable=False),
        sa.Column("whereabouts_sealed", sa.LargeBinary()),
        sa.Column("recorded_at", MOMENT(), nullable=False),
        sa.Column("recorded_by", sa.Uuid()),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("struck_at", MOMENT()),
        sa.Column("struck_by", sa.Uuid()),
        sa.Column("strike_reason_sealed", sa.LargeBinary()),
        _key(relative, "case_id", "portal_case"),
        _key(relative, "person_id", "portal_person"),
        _key(relative, "recorded_by", "portal_user"),
        _key(relative, "agency_id", "portal_agency"),
        _key(relative, "struck_by", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{relative}"),
        sa.UniqueConstraint("case_id", "person_id", name=f"uq_{relative}_case_id_person_id"),
    )
    op.create_index(f"ix_{relative}_person_id", relative, ["person_id"])
    op.create_table(
        child,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("relative_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        _key(child, "relative_id", relative),
        _key(child, "person_id", "portal_person"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{child}"),
        sa.UniqueConstraint("relative_id", "person_id", name=f"uq_{child}_relative_id_person_id"),
    )
    op.create_index(f"ix_{child}_person_id", child, ["person_id"])


def downgrade() -> None:
    op.drop_table("portal_relative_child")
    op.drop_table("portal_relative")
    op.drop_index("ix_portal_person_born_on", "portal_person")
    with op.batch_alter_table("portal_person") as batch:
        for name in (*SEALED, *MARKS, *[text for text, _length in TEXTS]):
            batch.drop_column(name)
    # What the older release does not know becomes a registration that has begun.
    person = sa.table("portal_person", sa.column("document_kind"))
    op.get_bind().execute(
        sa.update(person)
        .where(person.c.document_kind.in_(("cnv", "acta")))
        .values(document_kind="in_process")
    )
