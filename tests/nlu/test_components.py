"""The Rasa components: trained, stored and loaded again as Rasa does, and reading the tracker."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("rasa")

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components import context
from nlu.components.classifier import LinearIntentClassifier
from nlu.components.context import ContextReader
from nlu.components.decision import DecisionMaker
from nlu.components.entities import EntityFinder
from nlu.components.tokenizer import LexiconTokenizer
from nlu.corpus import read_training
from nlu.priors import Priors

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    rows = read_training(ROOT / "data" / "nlu")[::9]
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("storage"))
    where = (storage, Resource("classifier"), ExecutionContext(GraphSchema({})))
    data = TrainingData([Message.build(text=row.text, intent=row.intent) for row in rows])
    LinearIntentClassifier.create({}, *where).train(data)
    return [
        LexiconTokenizer.create(LexiconTokenizer.get_default_config(), *where),
        EntityFinder.create({}, *where),
        LinearIntentClassifier.load({}, *where),
        ContextReader.create({}, *where),
        DecisionMaker.create(DecisionMaker.get_default_config(), *where),
    ]


@pytest.fixture(scope="module")
def domain():
    return Domain.load(str(ROOT / "domain.yml"))


def parse(pipeline, text, tracker=None):
    message = Message(data={"text": text})
    for component in pipeline:
        if isinstance(component, ContextReader):
            component.process([message], tracker)
        else:
            component.process([message])
    return message


def conversation(domain, **slots):
    tracker = DialogueStateTracker.from_events("app:1", [], slots=domain.slots)
    for name, value in slots.items():
        tracker.update(SlotSet(name, value))
    return tracker


def test_a_message_comes_out_with_all_that_policies_and_actions_read(pipeline):
    shown = parse(pipeline, "今年以来我赚了多少").as_dict(only_output_properties=True)
    assert shown["intent"]["name"] == "pnl_query"
    assert shown["decision"] == "answer"
    assert len(shown["intent_ranking"]) >= 3
    assert [one["entity"] for one in shown["entities"]] == ["period"]


def test_refused_and_asked_back_set_the_intents_of_the_rules(pipeline):
    assert parse(pipeline, "红烧肉怎么炖才好吃").get("intent")["name"] == "out_of_scope"
    empty = parse(pipeline, " ")
    assert (empty.get("decision"), empty.get("intent")["name"]) == ("clarify", "nlu_fallback")


def test_tokens_point_into_the_message_as_typed(pipeline):
    text = "我的ＥＴＦ　基金呢"
    tokens = parse(pipeline, text).get("text_tokens")
    assert [text[token.start : token.end] for token in tokens] == ["我", "的", "ＥＴＦ", "基金", "呢"]


def test_jieba_of_others_stays_as_it_was(pipeline):
    import jieba

    parse(pipeline, "红利低波怎么样")
    assert "红利低波" not in jieba.lcut("红利低波怎么样")


def test_the_topic_slot_makes_a_follow_up(pipeline, domain):
    tracker = conversation(domain, topic={"skill": "pnl_query", "params": {}, "offered": []})
    message = parse(pipeline, "那上个月呢", tracker)
    assert (message.get("intent")["name"], message.get("decision")) == ("inform", "answer")


def test_the_pending_slot_makes_a_choice(pipeline, domain):
    pending = {
        "kind": "clarify",
        "options": [
            {"skill": "redeem_howto", "title": "怎么卖出"},
            {"skill": "product_maturity", "title": "到期和续期"},
        ],
    }
    message = parse(pipeline, "后面那个", conversation(domain, pending=pending))
    assert (message.get("intent")["name"], message.get("decision")) == ("product_maturity", "answer")


@pytest.mark.parametrize("profile", [None, "x", {}, {"stage": ["a"]}, {"holds": 3, "market_day": None}])
def test_an_odd_profile_does_no_harm(pipeline, domain, profile):
    assert parse(pipeline, "我有多少钱", conversation(domain, profile=profile)).get("decision")


def test_the_profile_slot_shifts_close_readings_only(pipeline, domain, monkeypatch):
    table = Priors(close=1.1, profile={"market_day": {"down": {"product_explain": 1e6}}})
    monkeypatch.setattr(context, "priors", lambda: table)
    shifted = conversation(domain, profile={"market_day": "down"})
    assert parse(pipeline, "什么是净值", shifted).get("intent_ranking")[0]["name"] == "product_explain"
    assert parse(pipeline, "什么是净值", conversation(domain)).get("intent_ranking")[0]["name"] == "concept_qa"


def test_the_second_question_says_where_it_stands(pipeline):
    text = "今年以来我赚了多少？ 另外，帮我做个财富体检。"
    also = parse(pipeline, text).get("also")
    assert text[also["start"] : also["end"]] == also["text"] == "帮我做个财富体检"


def test_an_untrained_classifier_says_so(tmp_path):
    storage = LocalModelStorage.create(tmp_path)
    with pytest.raises(RuntimeError, match="make train"):
        LinearIntentClassifier(storage, Resource("none")).process([Message.build(text="你好")])
