"""The tools around the model: the command line, the catalogue, the report."""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
from datetime import datetime
from pathlib import Path

import pytest

from nlu import parse, report
from nlu.products import ProductFinder
from nlu.understanding import MODEL_FILE, ZONE, load_understander, newest_model

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model_folder(small_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    small_model.save(folder / "train_classifier" / MODEL_FILE)
    schema = {
        "nodes": {"run": {"uses": "nlu.components.decision.DecisionMaker", "config": {"sure": 0.5, "margin": 0.2}}}
    }
    (folder / "metadata.json").write_text(json.dumps({"predict_schema": schema}), encoding="utf-8")
    with tarfile.open(folder / "test.tar.gz", "w:gz") as archive:
        archive.add(folder / "train_classifier", "components/train_classifier")
        archive.add(folder / "metadata.json", "metadata.json")
    return folder


def run(monkeypatch, capsys, given, *arguments):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
    code = parse.main(list(arguments))
    shown = capsys.readouterr()
    return code, [json.loads(line) for line in shown.out.splitlines()], shown.err


def test_one_line_out_for_each_line_in(monkeypatch, capsys, model_folder):
    given = "我有多少钱\n\n红烧肉怎么做\n\xff\n没有换行".encode("utf-8", "surrogateescape") + b"\xff\xfe"
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    code, rows, _ = run(monkeypatch, capsys, given, "--model", str(model_folder), "--ref", "2026-11-22T10:00")
    assert code == 0 and len(rows) == 5
    assert rows[0]["intent"] == "asset_overview" and rows[1]["text"] == ""
    for row in rows:
        assert set(row) >= {"text", "decision", "intent", "confidence", "ranking", "entities"}
        assert row["decision"] in ("answer", "clarify", "refuse")
        assert len(row["ranking"]) >= 3 and row["ranking"][0]["name"] == row["intent"]


def test_the_model_brings_its_own_thresholds(model_folder):
    assert load_understander(newest_model(model_folder)).thresholds.sure == 0.5


def test_no_model_is_one_clear_line(monkeypatch, capsys, tmp_path):
    code, rows, error = run(monkeypatch, capsys, b"", "--model", str(tmp_path))
    assert code == 1 and not rows and "make train" in error and len(error.splitlines()) == 1


def test_a_foreign_model_is_refused(monkeypatch, capsys, tmp_path):
    path = tmp_path / "other.tar.gz"
    with tarfile.open(path, "w:gz"):
        pass
    code, _, error = run(monkeypatch, capsys, b"", "--model", str(path))
    assert code == 1 and "other.tar.gz" in error


def test_the_catalogue_is_read_again_when_it_changes(tmp_path, caplog):
    path = tmp_path / "catalogue.csv"
    finder = ProductFinder(path)
    assert finder.find("晨曦稳健一号怎么样") == []
    path.write_text("code,name,aliases\n920001,晨曦稳健一号,\n", encoding="utf-8")
    assert finder.find("晨曦稳健一号怎么样")[0]["value"]["code"] == "920001"
    path.write_text("code,name,aliases\n920002,暮光进取二号,暮光\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert finder.find("晨曦稳健一号怎么样") == []
    assert finder.find("暮光进取二号好吗")[0]["value"]["code"] == "920002"
    path.write_text("broken\n", encoding="utf-8")
    assert finder.find("暮光进取二号好吗")[0]["value"]["code"] == "920002"
    assert "产品目录读不了" in caplog.text


def test_equally_likely_products_are_candidates(tmp_path):
    path = tmp_path / "catalogue.csv"
    path.write_text("code,name,aliases\n930001,晨曦稳健一号,晨曦稳健\n930002,晨曦稳健二号,晨曦稳健\n", encoding="utf-8")
    [found] = ProductFinder(path).find("晨曦稳健能买吗")
    assert sorted(found["value"]["candidates"]) == ["930001", "930002"]


def test_the_report_reads_questions_and_is_a_page(understander, tmp_path):
    now = datetime(2026, 11, 22, 10, tzinfo=ZONE)
    asked = report.coverage(understander, ["我有多少钱", "<script>alert(1)</script>", ""], now)
    assert asked["count"] == 3 and sum(asked["decisions"].values()) == pytest.approx(1)
    assert report.main(["--quick", "--questions", str(tmp_path / "missing.txt")]) == 1
