"""Routes of the desk: leads."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["leads"])
