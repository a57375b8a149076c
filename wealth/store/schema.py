"""The bank store's tables. Plain SQL that SQLite and PostgreSQL both speak; migrations/ keeps databases in step."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from wealth.store.types import Json, Moment, Money, Price, Rate, RowId, Units

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Versions of what is cached ("products", "prices") and how the demo bank was made.
meta = Table("meta", metadata, Column("key", String(40), primary_key=True), Column("value", Text, nullable=False))

products = Table(
    "products",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("issuer", String(80), nullable=False),
    Column("risk", Integer, nullable=False),
    Column("asset_class", String(12), nullable=False),
    Column("valuation", String(8), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("aliases", Json, nullable=False),
    Column("share_class", String(2)),
    Column("pair_code", String(20)),
    Column("launch_date", Date, nullable=False),
    Column("maturity_date", Date),
    Column("term_days", Integer),
    Column("lock_days", Integer, nullable=False),
    Column("open_rule", String(10), nullable=False),
    Column("open_days", Json, nullable=False),
    Column("sale_start", Date),
    Column("sale_end", Date),
    Column("on_sale", Boolean(create_constraint=False), nullable=False),
    Column("cutoff", String(5), nullable=False),
    Column("confirm_days", Integer, nullable=False),
    Column("arrival_days", Integer, nullable=False),
    Column("instant_limit", Money()),
    Column("minimum", Money(), nullable=False),
    Column("step", Money(), nullable=False),
    Column("purchase_fees", Json, nullable=False),
    Column("redemption_fees", Json, nullable=False),
    Column("management_fee", Rate(), nullable=False),
    Column("custody_fee", Rate(), nullable=False),
    Column("service_fee", Rate(), nullable=False),
    Column("rate", Rate()),
    Column("benchmark", Text, nullable=False),
    Column("benchmark_basis", Text, nullable=False),
    Column("dividend_policy", String(10), nullable=False),
    Column("summary", Text, nullable=False),
    Column("strategy", Text, nullable=False),
    Column("risks", Text, nullable=False),
    Column("source", Text, nullable=False),
)

product_classes = Table(
    "product_classes",
    metadata,
    Column("product", String(20), ForeignKey("products.code"), primary_key=True),
    Column("asset_class", String(12), primary_key=True),
    Column("weight", Rate(), nullable=False),
)

navs = Table(
    "navs",
    metadata,
    Column("product", String(20), ForeignKey("products.code"), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("nav", Price(), nullable=False),
    Column("acc_nav", Price()),
    Column("dividend", Price()),
    Column("income_10k", Price()),
    Column("yield_7d", Rate()),
)

market_series = Table(
    "market_series",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("title", String(80), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("unit", String(20), nullable=False),
    Column("source", Text, nullable=False),
    Column("synthetic", Boolean(create_constraint=False), nullable=False),
)

market_rows = Table(
    "market_rows",
    metadata,
    Column("series", String(40), ForeignKey("market_series.id"), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("session", String(5), primary_key=True),
    Column("value", Price(), nullable=False),
    Column("source", Text, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("published_at", Moment, nullable=False, index=True),
    Column("valid_until", Date),
    Column("topics", Json, nullable=False),
    Column("products", Json, nullable=False),
    Column("url", Text),
)

customers = Table(
    "customers",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("birth_date", Date),
    Column("level", String(20), nullable=False),
    Column("branch", String(40), nullable=False, index=True),
    Column("manager", String(20)),
    Column("since", Date, nullable=False),
    Column("monthly_income", Money()),
    Column("monthly_expense", Money()),
    Column("debts", Money()),
    Column("dependents", Integer),
    Column("is_demo", Boolean(create_constraint=False), nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("customer", String(20), ForeignKey("customers.id"), nullable=False, index=True),
    Column("cash_product", String(20), ForeignKey("products.code"), nullable=False),
    Column("last4", String(4), nullable=False),
    Column("opened", Date, nullable=False),
)

movements = Table(
    "movements",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ref", String(40), nullable=False, unique=True),
    Column("customer", String(20), ForeignKey("customers.id"), nullable=False),
    Column("account", String(24), ForeignKey("accounts.id"), nullable=False),
    Column("product", String(20), ForeignKey("products.code"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("status", String(10), nullable=False),
    Column("trade_date", Date, nullable=False),
    Column("confirm_date", Date),
    Column("settle_date", Date),
    Column("units", Units(), nullable=False),
    Column("price", Price()),
    Column("amount", Money(), nullable=False),
    Column("fee", Money(), nullable=False),
    Column("cash", Money(), nullable=False),
    Column("pair_ref", String(40)),
    Column("matures_on", Date),
    Column("note", Text, nullable=False),
    Index(None, "customer", "trade_date"),
    Index(None, "matures_on"),
)

# A cache for batch scans, rebuilt from the ledger; never read for a customer's own figures.
positions = Table(
    "positions",
    metadata,
    Column("account", String(24), ForeignKey("accounts.id"), primary_key=True),
    Column("product", String(20), ForeignKey("products.code"), primary_key=True),
    Column("customer", String(20), ForeignKey("customers.id"), nullable=False, index=True),
    Column("units", Units(), nullable=False),
    Column("cost", Money(), nullable=False),
    Column("as_of", Date, nullable=False),
    Index(None, "product"),
)

assessments = Table(
    "assessments",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("customer", String(20), ForeignKey("customers.id"), nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("score", Integer, nullable=False),
    Column("rating", String(2), nullable=False),
    Column("confirmed_at", Moment),
    Column("horizon_months", Integer),
    Column("answers", Json, nullable=False),
    Column("questionnaire", String(40), nullable=False),
    Index(None, "customer", "taken_at"),
)

protections = Table(
    "protections",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("customer", String(20), ForeignKey("customers.id"), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("sum_insured", Money(), nullable=False),
    Column("premium", Money(), nullable=False),
    Column("until", Date),
    Column("product", String(20), ForeignKey("products.code")),
)

consents = Table(
    "consents",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("customer", String(20), ForeignKey("customers.id"), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("granted", Boolean(create_constraint=False), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "customer", "purpose"),
)

# product "" means all holdings, so that the unique key holds on every database (NULLs differ from each other).
alert_settings = Table(
    "alert_settings",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("customer", String(20), ForeignKey("customers.id"), nullable=False),
    Column("product", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("threshold", Rate(), nullable=False),
    Column("active", Boolean(create_constraint=False), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("customer", "product", "kind"),
)

# Append-only: the migration adds triggers that refuse changes and deletions.
audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("decision", String(40), nullable=False),
    Column("details", Json, nullable=False),
)
