"""Routes of the desk: numbers."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["numbers"])
