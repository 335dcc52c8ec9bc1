"""Places of care, their beds, stays and decisions beyond capacity."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0001_places"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shelter_place",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reception",
                "urgent",
                "basic",
                "specialised",
                name="placekind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("accreditation", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("shares_vacancies", sa.Boolean(), nullable=False),
        sa.Column("is_off", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_shelter_place_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelter_place")),
        sa.UniqueConstraint("agency_id", name=op.f("uq_shelter_place_agency_id")),
    )
    op.create_table(
        "shelter_over_capacity",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_shelter_over_capacity_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["portal_user.id"], name=op.f("fk_shelter_over_capacity_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["shelter_place.id"], name=op.f("fk_shelter_over_capacity_place_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelter_over_capacity")),
    )
    with op.batch_alter_table("shelter_over_capacity", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_shelter_over_capacity_case_id"), ["case_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_shelter_over_capacity_place_id"), ["place_id"], unique=False
        )

    op.create_table(
        "shelter_bed",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("room", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["shelter_over_capacity.id"], name=op.f("fk_shelter_bed_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["shelter_place.id"], name=op.f("fk_shelter_bed_place_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelter_bed")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_shelter_bed_decision_id")),
    )
    with op.batch_alter_table("shelter_bed", schema=None) as batch_op:
        batch_op.create_index(
            "uq_shelter_bed_label",
            ["place_id", "label"],
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )

    op.create_table(
        "shelter_stay",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("bed_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "staying", "discharged", "gone", name="staystatus", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "measure",
            sa.Enum("urgent", "provisional", "court", name="measure", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("legal_basis", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("ordered_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("admitted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("admitted_by", sa.Uuid(), nullable=True),
        sa.Column("arrival_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("counted", sa.JSON(), nullable=False),
        sa.Column("left_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column(
            "destination",
            sa.Enum(
                "family",
                "extended_family",
                "foster_family",
                "other_place",
                "hospital",
                "other",
                "unauthorised",
                name="destination",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("released_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("receiver_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("departure_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("discharged_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["admitted_by"], ["portal_user.id"], name=op.f("fk_shelter_stay_admitted_by")
        ),
        sa.ForeignKeyConstraint(
            ["bed_id"], ["shelter_bed.id"], name=op.f("fk_shelter_stay_bed_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_shelter_stay_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["discharged_by"], ["portal_user.id"], name=op.f("fk_shelter_stay_discharged_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["portal_person.id"], name=op.f("fk_shelter_stay_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["shelter_place.id"], name=op.f("fk_shelter_stay_place_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelter_stay")),
    )
    with op.batch_alter_table("shelter_stay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shelter_stay_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_shelter_stay_place", ["place_id", "left_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_shelter_stay_term_id"), ["term_id"], unique=False)
        batch_op.create_index(
            "uq_shelter_stay_bed",
            ["bed_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )
        batch_op.create_index(
            "uq_shelter_stay_person",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )


def downgrade() -> None:
    op.drop_table("shelter_stay")
    op.drop_table("shelter_bed")
    op.drop_table("shelter_over_capacity")
    op.drop_table("shelter_place")
