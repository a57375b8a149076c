"""Routes of the desk: handoffs."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["handoffs"])
