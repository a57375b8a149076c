"""Products found in sentences: by name, nickname, code, part and sound; nothing where none is named."""

import pytest

from benchmarks.matching import ORDINARY, false_matches, names, share_found
from benchmarks.noise import sound_alike
from zhtext import sound
from zhtext.match import Catalogue, Entry


@pytest.fixture(scope="module")
def shelf() -> Catalogue:
    return Catalogue(
        [
            Entry("990101", "云栖稳健添利债券A", ("云栖添利",)),
            Entry("990102", "云栖稳健添利债券C"),
            Entry("990201", "鹿鸣医疗创新混合", ("小鹿医疗",)),
            Entry("990301", "望潮中证500指数增强A"),
            Entry("990401", "陪伴日日盈90天理财产品"),
            Entry("000001", "青禾成长混合"),
        ]
    )


@pytest.fixture(scope="module")
def market() -> Catalogue:
    return Catalogue(names(2000))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("云栖稳健添利债券C怎么样", "990102"),
        ("我买的云栖添利亏了", "990101"),
        ("小鹿医疗能加仓吗", "990201"),
        ("鹿鸣医疗创新最近怎么样", "990201"),
        ("路名医疗创新混合还能拿吗", "990201"),
        ("鹿鸣疗创新混合", "990201"),
        ("鹿鳴醫療創新混合", "990201"),
        ("000001昨天绿了", "000001"),
        ("０００００１怎么样", "000001"),
        ("望潮中证五百指数增强", "990301"),
        ("陪伴日日盈到期了吗", "990401"),
        ("陪伴日日盈九十天", "990401"),
    ],
)
def test_finds(shelf: Catalogue, text: str, code: str) -> None:
    assert shelf.find(text)[0].code == code


def test_share_class_decides_and_both_are_offered_without_it(shelf: Catalogue) -> None:
    assert shelf.find("云栖稳健添利债券A")[0].code == "990101"
    assert {match.code for match in shelf.find("云栖稳健添利")} >= {"990101", "990102"}


def test_span_is_in_the_text_as_given(shelf: Catalogue) -> None:
    text = "  帮我看 鹿鳴 醫療創新混合 吧"
    match = shelf.find(text)[0]
    assert text[match.start : match.end] == "鹿鳴 醫療創新混合"


def test_two_products_in_one_sentence(shelf: Catalogue) -> None:
    found = shelf.find("鹿鸣医疗创新混合和青禾成长混合哪个好")
    assert {match.code for match in found} == {"990201", "000001"}


@pytest.mark.parametrize("text", [*ORDINARY, "", "  ", "1234", "转100000001", "😀"])
def test_names_nothing(shelf: Catalogue, text: str) -> None:
    assert shelf.find(text) == []


@pytest.mark.parametrize("part", ["a", "基金", "鹿鸣"])
def test_huge_input_ends(shelf: Catalogue, part: str) -> None:
    shelf.find(part * 5000)


def test_empty_catalogue() -> None:
    assert Catalogue([]).find("云栖稳健添利债券A") == []


@pytest.mark.parametrize("damage", ["as written", "sound-alike", "missing"])
def test_damaged_names_are_among_the_first_three(market: Catalogue, damage: str) -> None:
    share, _, missed = share_found(market, damage, sample=300)
    assert share >= 0.98, missed


def test_sentences_without_a_product_match_nothing(market: Catalogue) -> None:
    for count, total, hits in false_matches(market).values():
        assert count <= total * 0.01, hits


def test_confusable_sounds_fall_together() -> None:
    assert sound.key("牛") == sound.key("刘")
    assert sound.key("张") == sound.key("脏")
    assert sound.key("基金") == sound.key("鸡精")
    assert sound.similarity("赎回", "书会") == 1
    assert sound.similarity("赎回", "申购") < 0.5
    assert list(sound.ngrams("基金", 1, 2)) == ["ji", "jin", "ji_jin"]


def test_noise_is_seeded_and_sounds_the_same() -> None:
    text = "我想看看近三个月的收益和持仓"
    noisy = sound_alike(text, every=5, seed=3)
    assert noisy == sound_alike(text, every=5, seed=3) != text
    assert sum(a != b for a, b in zip(text, noisy, strict=True)) == 2
    assert [sound.syllable(c) for c in text] == [sound.syllable(c) for c in noisy]
