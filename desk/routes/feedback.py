"""Routes of the desk: feedback."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["feedback"])
