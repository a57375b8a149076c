"""Routes of the desk: groups."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["groups"])
