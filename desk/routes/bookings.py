"""Routes of the desk: bookings."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["bookings"])
