"""Running the hardware: what was learned of a station, its device model, monitors, files, firmware."""

from alembic import op

from stationmaster.storage.tables import metadata

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata.create_all(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    op.drop_table("learned")
