"""the shift plan: who is on duty when, and what was last said by hand"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("days", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("first", sa.Date(), nullable=True),
        sa.Column("last", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_shifts_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index("ix_shifts_volunteer_id", "shifts", ["volunteer_id"])
    op.add_column("volunteers", sa.Column("duty_said_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("volunteers", sa.Column("turn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("volunteers", sa.Column("turn_on_duty", sa.Boolean(), nullable=True))
    op.create_index(
        "ix_volunteers_turn_at", "volunteers", ["turn_at"], postgresql_where=sa.text("turn_at IS NOT NULL AND active")
    )
    # Whoever changed their duty so far did it by hand: no plan spoke yet.
    op.execute("UPDATE volunteers SET duty_said_at = duty_changed_at")


def downgrade() -> None:
    op.drop_index("ix_volunteers_turn_at", table_name="volunteers")
    op.drop_column("volunteers", "turn_on_duty")
    op.drop_column("volunteers", "turn_at")
    op.drop_column("volunteers", "duty_said_at")
    op.drop_index("ix_shifts_volunteer_id", table_name="shifts")
    op.drop_table("shifts")
