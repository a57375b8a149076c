"""Loading published prices (fund platform exports) and index closes."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from wealth.errors import BadSetting
from wealth.loaders import fields
from wealth.loaders.csvfile import EMPTY, BadField, Report, read
from wealth.loaders.upsert import upsert
from wealth.loaders.versions import bump
from wealth.store import Store, schema

_NAV = fields.positive(6)
_CASH_DIVIDEND = re.compile(r"每份(?:基金份额)?派(?:发)?现金(?:红利)?(\d+(?:\.\d+)?)元")


def load_navs(store: Store, path: Path, code: str | None = None) -> Report:
    """Columns 净值日期, 单位净值, and where present 累计净值, 分红送配. The file is named after the product's code.

    Raises BadSetting for an unknown product or a file that is none.
    """
    code = code or path.stem
    report = Report(path.name)
    if code not in store.products_by_code():
        raise BadSetting(f"{path.name}：没有代码为 {code} 的产品，请先导入产品，或用 --code 指定")
    rows = []
    for line, cells in read(path, ["净值日期", "单位净值"], report):
        try:
            rows.append(
                {
                    "product": code,
                    "date": fields.day("净值日期", cells["净值日期"]),
                    "nav": _NAV("单位净值", cells["单位净值"]),
                    "acc_nav": fields.optional(_NAV)("累计净值", cells.get("累计净值", "")),
                    "dividend": _dividend(cells.get("分红送配", "")),
                }
            )
        except BadField as trouble:
            report.reject(line, str(trouble))
    with store.write() as connection:
        if upsert(connection, schema.navs, ["product", "date"], rows, report):
            bump(connection, "prices")
    return report


def _dividend(cell: str) -> Decimal | None:
    if cell.lower() in EMPTY:
        return None
    found = _CASH_DIVIDEND.search(cell)
    if not found:
        raise BadField(f"“分红送配”看不懂：{cell[:40]}（只认 每份派现金…元；份额折算请另行处理）")
    return Decimal(found[1])


def load_market(store: Store, path: Path, series: dict[str, Any] | None = None) -> Report:
    """Columns date, close. The file is named after the series; `series` describes one that is new (id, title, …).

    Raises BadSetting for a new series without title and source, or a file that is none.
    """
    described = series or {}
    key = described.get("id") or path.stem
    report = Report(path.name)
    value = fields.decimal(6, least=None)
    rows = []
    with store.read() as connection:
        known = (
            connection.execute(select(schema.market_series).where(schema.market_series.c.id == key)).mappings().first()
        )
    row = {**(known or {"kind": "index", "unit": "点", "synthetic": False}), **described, "id": key}
    if not row.get("title") or not row.get("source"):
        raise BadSetting(f"{path.name}：行情序列 {key} 还没有登记，请用 --title 和 --source 说明它是什么、从哪里来")
    for line, cells in read(path, ["date", "close"], report):
        try:
            rows.append(
                {
                    "series": key,
                    "date": fields.day("date", cells["date"]),
                    "session": "close",
                    "value": value("close", cells["close"]),
                    "source": row["source"],
                }
            )
        except BadField as trouble:
            report.reject(line, str(trouble))
    with store.write() as connection:
        upsert(connection, schema.market_series, ["id"], [row], Report(path.name))
        upsert(connection, schema.market_rows, ["series", "date", "session"], rows, report)
    return report
