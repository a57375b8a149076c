"""Routes of the desk: customers."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["customers"])
