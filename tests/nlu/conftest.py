"""A small model over a slice of the training text: quick, yet the real components and the real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.corpus import read_training
from nlu.products import ProductFinder
from nlu.training import train
from nlu.understanding import Understander

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def small_model():
    rows = read_training(ROOT / "data" / "nlu")[::7]
    return train([row.text for row in rows], [row.intent for row in rows])


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory):
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.csv"
    path.write_text(
        "code,name,aliases\n"
        "910001,悦享安心日开一号,安心日开\n"
        "910002,悦享稳健九十天持有,稳健九十天\n"
        "910003,启明科技成长混合,启明科技\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def understander(small_model, catalogue):
    return Understander(small_model, products=ProductFinder(catalogue))
