"""The bank store's first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("products", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )
    op.create_index(op.f("ix_articles_published_at"), "articles", ["published_at"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_table(
        "customers",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("branch", sa.String(length=40), nullable=False),
        sa.Column("manager", sa.String(length=20), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("monthly_income", sa.BigInteger(), nullable=True),
        sa.Column("monthly_expense", sa.BigInteger(), nullable=True),
        sa.Column("debts", sa.BigInteger(), nullable=True),
        sa.Column("dependents", sa.Integer(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    op.create_index(op.f("ix_customers_branch"), "customers", ["branch"], unique=False)
    op.create_table(
        "market_series",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_series")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "products",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("issuer", sa.String(length=80), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("asset_class", sa.String(length=12), nullable=False),
        sa.Column("valuation", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("share_class", sa.String(length=2), nullable=True),
        sa.Column("pair_code", sa.String(length=20), nullable=True),
        sa.Column("launch_date", sa.Date(), nullable=False),
        sa.Column("maturity_date", sa.Date(), nullable=True),
        sa.Column("term_days", sa.Integer(), nullable=True),
        sa.Column("lock_days", sa.Integer(), nullable=False),
        sa.Column("open_rule", sa.String(length=10), nullable=False),
        sa.Column("open_days", sa.Text(), nullable=False),
        sa.Column("sale_start", sa.Date(), nullable=True),
        sa.Column("sale_end", sa.Date(), nullable=True),
        sa.Column("on_sale", sa.Boolean(), nullable=False),
        sa.Column("cutoff", sa.String(length=5), nullable=False),
        sa.Column("confirm_days", sa.Integer(), nullable=False),
        sa.Column("arrival_days", sa.Integer(), nullable=False),
        sa.Column("instant_limit", sa.BigInteger(), nullable=True),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("purchase_fees", sa.Text(), nullable=False),
        sa.Column("redemption_fees", sa.Text(), nullable=False),
        sa.Column("management_fee", sa.BigInteger(), nullable=False),
        sa.Column("custody_fee", sa.BigInteger(), nullable=False),
        sa.Column("service_fee", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=True),
        sa.Column("benchmark", sa.Text(), nullable=False),
        sa.Column("benchmark_basis", sa.Text(), nullable=False),
        sa.Column("dividend_policy", sa.String(length=10), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("risks", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_products")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("customer", sa.String(length=20), nullable=False),
        sa.Column("cash_product", sa.String(length=20), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("opened", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["cash_product"], ["products.code"], name=op.f("fk_accounts_cash_product_products")),
        sa.ForeignKeyConstraint(["customer"], ["customers.id"], name=op.f("fk_accounts_customer_customers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_index(op.f("ix_accounts_customer"), "accounts", ["customer"], unique=False)
    op.create_table(
        "alert_settings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer", sa.String(length=20), nullable=False),
        sa.Column("product", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customers.id"], name=op.f("fk_alert_settings_customer_customers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_settings")),
        sa.UniqueConstraint("customer", "product", "kind", name=op.f("uq_alert_settings_customer_product_kind")),
    )
    op.create_table(
        "assessments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer", sa.String(length=20), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rating", sa.String(length=2), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("horizon_months", sa.Integer(), nullable=True),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("questionnaire", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customers.id"], name=op.f("fk_assessments_customer_customers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_index(op.f("ix_assessments_customer_taken_at"), "assessments", ["customer", "taken_at"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customers.id"], name=op.f("fk_consents_customer_customers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_customer_purpose"), "consents", ["customer", "purpose"], unique=False)
    op.create_table(
        "market_rows",
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("session", sa.String(length=5), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["series"], ["market_series.id"], name=op.f("fk_market_rows_series_market_series")),
        sa.PrimaryKeyConstraint("series", "date", "session", name=op.f("pk_market_rows")),
    )
    op.create_table(
        "navs",
        sa.Column("product", sa.String(length=20), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("nav", sa.BigInteger(), nullable=False),
        sa.Column("acc_nav", sa.BigInteger(), nullable=True),
        sa.Column("dividend", sa.BigInteger(), nullable=True),
        sa.Column("income_10k", sa.BigInteger(), nullable=True),
        sa.Column("yield_7d", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_navs_product_products")),
        sa.PrimaryKeyConstraint("product", "date", name=op.f("pk_navs")),
    )
    op.create_table(
        "product_classes",
        sa.Column("product", sa.String(length=20), nullable=False),
        sa.Column("asset_class", sa.String(length=12), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_product_classes_product_products")),
        sa.PrimaryKeyConstraint("product", "asset_class", name=op.f("pk_product_classes")),
    )
    op.create_table(
        "protections",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("sum_insured", sa.BigInteger(), nullable=False),
        sa.Column("premium", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("product", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["customer"], ["customers.id"], name=op.f("fk_protections_customer_customers")),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_protections_product_products")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protections")),
    )
    op.create_index(op.f("ix_protections_customer"), "protections", ["customer"], unique=False)
    op.create_table(
        "movements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("customer", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=24), nullable=False),
        sa.Column("product", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("confirm_date", sa.Date(), nullable=True),
        sa.Column("settle_date", sa.Date(), nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("cash", sa.BigInteger(), nullable=False),
        sa.Column("pair_ref", sa.String(length=40), nullable=True),
        sa.Column("matures_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_movements_account_accounts")),
        sa.ForeignKeyConstraint(["customer"], ["customers.id"], name=op.f("fk_movements_customer_customers")),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_movements_product_products")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movements")),
        sa.UniqueConstraint("ref", name=op.f("uq_movements_ref")),
    )
    op.create_index(op.f("ix_movements_customer_trade_date"), "movements", ["customer", "trade_date"], unique=False)
    op.create_index(op.f("ix_movements_matures_on"), "movements", ["matures_on"], unique=False)
    op.create_table(
        "positions",
        sa.Column("account", sa.String(length=24), nullable=False),
        sa.Column("product", sa.String(length=20), nullable=False),
        sa.Column("customer", sa.String(length=20), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_positions_account_accounts")),
        sa.ForeignKeyConstraint(["customer"], ["customers.id"], name=op.f("fk_positions_customer_customers")),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_positions_product_products")),
        sa.PrimaryKeyConstraint("account", "product", name=op.f("pk_positions")),
    )
    op.create_index(op.f("ix_positions_customer"), "positions", ["customer"], unique=False)
    op.create_index(op.f("ix_positions_product"), "positions", ["product"], unique=False)
    _refuse_changes_to_audit()


def _refuse_changes_to_audit() -> None:
    """The trail is append-only for everyone who comes in by SQL, not only for our own code."""
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{action.lower()} BEFORE {action} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_positions_product"), table_name="positions")
    op.drop_index(op.f("ix_positions_customer"), table_name="positions")
    op.drop_table("positions")
    op.drop_index(op.f("ix_movements_matures_on"), table_name="movements")
    op.drop_index(op.f("ix_movements_customer_trade_date"), table_name="movements")
    op.drop_table("movements")
    op.drop_index(op.f("ix_protections_customer"), table_name="protections")
    op.drop_table("protections")
    op.drop_table("product_classes")
    op.drop_table("navs")
    op.drop_table("market_rows")
    op.drop_index(op.f("ix_consents_customer_purpose"), table_name="consents")
    op.drop_table("consents")
    op.drop_index(op.f("ix_assessments_customer_taken_at"), table_name="assessments")
    op.drop_table("assessments")
    op.drop_table("alert_settings")
    op.drop_index(op.f("ix_accounts_customer"), table_name="accounts")
    op.drop_table("accounts")
    op.drop_table("products")
    op.drop_table("meta")
    op.drop_table("market_series")
    op.drop_index(op.f("ix_customers_branch"), table_name="customers")
    op.drop_table("customers")
    op.drop_index(op.f("ix_audit_at"), table_name="audit")
    op.drop_table("audit")
    op.drop_index(op.f("ix_articles_published_at"), table_name="articles")
    op.drop_table("articles")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_append_only()")
