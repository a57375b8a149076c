"""Card, phone and ID numbers never leave whole, however they are written; other figures stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhtext.mask import find, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的卡号是6222021234567890123", "我的卡号是***************0123"),
        ("6222 0212 3456 7890", "************7890"),
        ("６２２２０２１２３４５６７８９０", "************7890"),
        ("6222-0212-3456-7890-123余额", "***************0123余额"),
        ("打13812345678找我", "打*******5678找我"),
        ("138 1234 5678", "*******5678"),
        ("１３８１２３４５６７８", "*******5678"),
        ("138-1234-5678", "*******5678"),
        ("NO6222021234567890", "NO************7890"),
        ("+86 13812345678", "*********5678"),
        ("座机010-12345678", "座机*******5678"),
        ("身份证11010119900307123X", "身份证**************123X"),
        ("110101 19900307 1234", "**************1234"),
        ("１１０１０１１９９００３０７１２３４", "**************1234"),
        ("手机13812345678卡6222021234567890", "手机*******5678卡************7890"),
        ("1 3 8 1 2 3 4 5 6 7 8", "*******5678"),
        ("138\u200b1234\u200b5678", "*******5678"),
    ],
)
def test_masks(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "我有35000元",
        "基金040041",
        "近三个月赚了123,456.78元",
        "2026-11-22 15:00",
        "2026-01-01到2026-12-31",
        "2026-01-01 2026-12-31",
        "净值1.0523 1.0531 1.0540 1.0552",
        "客服95588",
        "尾号1234",
        "1000000000元",
        "沪深300涨1.25%",
        "",
        "没有数字",
    ],
)
def test_leaves_other_figures(text: str) -> None:
    assert mask(text) == text


@given(
    st.integers(13, 19).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n)),
    st.sampled_from(["", " ", "-", "　"]),
)
def test_no_card_gets_through(card: str, between: str) -> None:
    written = between.join(card[at : at + 4] for at in range(0, len(card), 4))
    assert sum(char.isdigit() for char in mask(f"卡号{written}。")) <= 4


@given(st.text(max_size=80))
def test_any_text_is_masked_once(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


def test_kinds() -> None:
    kinds = [secret.kind for secret in find("13812345678,6222021234567890,110101199003071234")]
    assert kinds == ["phone", "card", "id"]


@pytest.mark.parametrize("part", ["1", "1 ", "1-", "13812345678,"])
def test_huge_input_ends(part: str) -> None:
    mask(part * 20_000)
