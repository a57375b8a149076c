"""Routes of the desk: day."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["day"])
