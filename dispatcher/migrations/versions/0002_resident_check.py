"""the resident's check: a code for each task under way, and the stations' published numbers"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("places", sa.Column("phone", sa.Text(), nullable=True))
    op.add_column("offers", sa.Column("check_code", sa.Text(), nullable=True))
    _give_codes_to_tasks_under_way()
    op.create_index(
        "uq_offers_check_code", "offers", ["check_code"], unique=True, postgresql_where=sa.text("state = 'accepted'")
    )


def _give_codes_to_tasks_under_way() -> None:
    """Whoever is at a door while the service is brought up to date can be checked like everybody after them."""
    connection = op.get_bind()
    tasks = connection.execute(sa.text("SELECT id FROM offers WHERE state = 'accepted'")).scalars().all()
    codes: set[str] = set()
    while len(codes) < len(tasks):
        codes.add(str(100_000 + secrets.randbelow(900_000)))
    for task, code in zip(tasks, codes, strict=True):
        connection.execute(
            sa.text("UPDATE offers SET check_code = :code WHERE id = :task"), {"code": code, "task": task}
        )


def downgrade() -> None:
    op.drop_index("uq_offers_check_code", table_name="offers")
    op.drop_column("offers", "check_code")
    op.drop_column("places", "phone")
