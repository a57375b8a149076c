"""The last day that was replayed (`make demo-day`), as its report.json tells it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from desk.auth.access import AnyService, require
from desk.auth.roles import Who
from desk.problems import Problem

router = APIRouter(tags=["day"])


@router.get("/day")
def day(who: Annotated[Who, Depends(require("day"))], desk: AnyService) -> dict[str, Any]:
    """The report; 404 before the first replay."""
    file = desk.settings.var / "day" / "report.json"
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Problem(404, "no_day") from None
    return found
