"""The bank store: tables, reads and the few writes that the adviser makes. Start with `open_store(url)`."""

from wealth.store.engine import store_url
from wealth.store.rows import (
    Account,
    AlertSetting,
    Article,
    Assessment,
    CatalogueEntry,
    Customer,
    FeeTier,
    MarketRow,
    MarketSeries,
    Movement,
    NavRow,
    Product,
    Protection,
)
from wealth.store.store import Store, open_store

__all__ = [
    "Account",
    "AlertSetting",
    "Article",
    "Assessment",
    "CatalogueEntry",
    "Customer",
    "FeeTier",
    "MarketRow",
    "MarketSeries",
    "Movement",
    "NavRow",
    "Product",
    "Protection",
    "Store",
    "open_store",
    "store_url",
]
