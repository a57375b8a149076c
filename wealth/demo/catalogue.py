"""The demo bank's products: data/demo/products.yml made into Product rows for one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml

from wealth.classes import DATA, kind_name
from wealth.errors import BadSetting
from wealth.store import Product
from wealth.store.codec import fee_tiers_from_json

HISTORY_DAYS = 3 * 365 + 1


@dataclass(frozen=True)
class DemoProduct:
    """A product and how its prices are made up.

    model: factors, alpha, own, base, yield, gold_price; dividends: how many a year; digits: decimals of its price;
    unit_digits: decimals of its units; nav_gap: how many of the last prices are missing.
    """

    product: Product
    model: Mapping[str, Any]
    dividends: int
    digits: int
    unit_digits: int
    nav_gap: int


@lru_cache(maxsize=8)
def read(name: str) -> Any:
    """A file of data/demo, parsed once."""
    with (DATA / "demo" / name).open(encoding="utf-8") as file:
        return yaml.safe_load(file)


def demo_products(as_of: date) -> list[DemoProduct]:
    """All demo products as they stand on a day. Raises BadSetting naming the product that cannot be read."""
    content = read("products.yml")
    found = []
    for family in content["families"]:
        for number, item in enumerate(family["items"], start=1):
            terms = {**family.get("defaults", {}), **item}
            terms["model"] = {**family.get("defaults", {}).get("model", {}), **item.get("model", {})}
            code = f"{family['prefix']}{number:03d}"
            try:
                found += _shares(code, terms, content, as_of)
            except (KeyError, TypeError, ValueError, ArithmeticError) as trouble:
                raise BadSetting(
                    f"data/demo/products.yml：{item.get('name', code)} 写得不对（{trouble!r}）"
                ) from trouble
    return found


def _shares(code: str, terms: Mapping[str, Any], content: Mapping[str, Any], as_of: date) -> list[DemoProduct]:
    """One product, or its A and C shares."""
    letters = terms.get("classes") or [None]
    made = []
    for letter in letters:
        own = dict(terms)
        if letter is not None:
            own.update(content["fund_classes"][letter])
            own["pair_code"] = next((code + other for other in letters if other != letter), None)
            own["aliases"] = [f"{alias}{letter}" for alias in terms["aliases"]]
            own["aliases"] += [f"{alias}{letter}类" for alias in terms["aliases"]]
            own["aliases"] += terms["aliases"] if letter == letters[0] else []
            own["name"] = f"{terms['name']}{letter}"
        made.append(_demo_product(code + (letter or ""), letter, own, content["source"], as_of))
    return made


def _demo_product(code: str, letter: str | None, terms: Mapping[str, Any], source: str, as_of: date) -> DemoProduct:
    return DemoProduct(
        product=_product(code, letter, terms, source, as_of),
        model=terms["model"],
        dividends=int(terms.get("dividends", 0)),
        digits=int(terms.get("digits", 4)),
        unit_digits=int(terms.get("unit_digits", 2)),
        nav_gap=int(terms.get("nav_gap", 0)),
    )


def _product(code: str, letter: str | None, terms: Mapping[str, Any], source: str, as_of: date) -> Product:
    days = timedelta(days=1)
    maturity = as_of + terms["matures_in"] * days if "matures_in" in terms else None
    if "age_days" in terms:
        launch = as_of - terms["age_days"] * days
    elif maturity is not None:
        launch = maturity - terms["term_days"] * days
    else:
        launch = as_of - (HISTORY_DAYS + 400) * days
    closed = maturity is not None
    on_sale = bool(terms.get("selling")) if closed else True
    asset_class = terms["class"]
    weights = terms.get("look_through") or {asset_class: 1}
    return Product(
        code=code,
        name=terms["name"],
        kind=terms["kind"],
        issuer=terms["issuer"],
        risk=int(terms["risk"]),
        asset_class=asset_class,
        look_through={name: Decimal(str(weight)) for name, weight in weights.items()},
        valuation=terms.get("valuation", "nav"),
        currency="CNY",
        aliases=tuple(dict.fromkeys(terms.get("aliases", ()))),
        share_class=letter,
        pair_code=terms.get("pair_code"),
        launch_date=launch,
        maturity_date=maturity,
        term_days=terms.get("term_days"),
        lock_days=int(terms.get("lock_days", 0)),
        open_rule=terms.get("open_rule", "daily"),
        open_days=tuple(as_of + n * terms["open_every"] * days for n in range(1, 5)) if "open_every" in terms else (),
        sale_start=as_of - 3 * days if closed and on_sale else None,
        sale_end=maturity - terms["term_days"] * days if closed and on_sale and maturity else None,
        on_sale=on_sale,
        cutoff=time.fromisoformat(terms.get("cutoff", "15:00")),
        confirm_days=int(terms.get("confirm_days", 1)),
        arrival_days=int(terms.get("arrival_days", 1)),
        instant_limit=_figure(terms.get("instant_limit")),
        minimum=Decimal(str(terms["minimum"])),
        step=Decimal(str(terms["step"])),
        purchase_fees=fee_tiers_from_json(terms.get("purchase_fees", ())),
        redemption_fees=fee_tiers_from_json(terms.get("redemption_fees", ())),
        management_fee=Decimal(str(terms.get("management_fee", 0))),
        custody_fee=Decimal(str(terms.get("custody_fee", 0))),
        service_fee=Decimal(str(terms.get("service_fee", 0))),
        rate=_figure(terms.get("rate")),
        benchmark=terms.get("benchmark") or f"年利率 {Decimal(str(terms['rate'])) * 100:.2f}%",
        benchmark_basis=terms["benchmark_basis"],
        dividend_policy="cash" if terms.get("dividends") else "none",
        summary=terms.get("summary") or f"{terms['issuer']}的{kind_name(terms['kind'])}。{terms['strategy']}",
        strategy=terms["strategy"],
        risks=terms["risks"],
        source=source,
    )


def _figure(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
