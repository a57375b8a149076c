"""What is taken out of a customer's words before anybody reads them: numbers, names, secrets, exact amounts."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from desk.wording import data
from zhtext.mask import mask

_RULES = data("feedback")["masking"]
_NAME: str = _RULES["name"]
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_TITLES = "先生|女士|小姐|太太|老师|阿姨|叔叔|大爷|经理"
# A surname and an end: "我叫不到人" and "我是新手" name nobody.
_END = r"(?=$|[，。,.！!？?；;\s、])"
_SELF = re.compile(
    rf"((?:我叫|名叫|姓名[是:：]?|户名[是:：]?)(?=[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}{_END})|我是(?=[{_SURNAMES}][\u4e00-\u9fff]{{2}}{_END}))"
    r"[\u4e00-\u9fff]{2,3}"
)
_TITLED = re.compile(rf"[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?(?=(?:{_TITLES}))")
_SECRET = re.compile(rf"((?:{'|'.join(_RULES['secret_words'])})[^0-9a-zA-Z]{{0,6}})([0-9a-zA-Z]{{4,20}})")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
# A figure is an amount by what stands beside it; six digits alone are a product's code.
_AMOUNT = re.compile(
    r"(?P<mark>[¥￥$])?\s?(?P<figure>\d+(?:[,，]\d{3})*(?:\.\d+)?)(?P<unit>\s?(?:[万亿千百]?元|[万亿]?块|[万亿]))?"
)
_KEPT_DIGITS = 2


def masked(text: str, *names: str) -> str:
    """`text` on one line without personal data; names: those of the customer and of who else is known.

    Amounts keep their size but not their figures: they matter for the intent, and are as telling as a name.
    """
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    text = mask(text)
    for name in names:
        if len(name) > 1:
            text = text.replace(name, _NAME)
    text = _EMAIL.sub("***", text)
    text = _SECRET.sub(r"\1****", text)
    text = _SELF.sub(rf"\1{_NAME}", text)
    text = _TITLED.sub(_named, text)
    return _AMOUNT.sub(_rounded, text)


def personal(text: str) -> bool:
    """Whether something of a person is left in it: what would be masked, or a mark that something was."""
    return _NAME in text or "**" in text or masked(text) != " ".join(text.split())


def _named(found: re.Match[str]) -> str:
    before = found.string[: found.start()]
    # 客户经理, 大堂经理: an office, not a person. "金经理" of 基金经理 is none either.
    if before.endswith(("基", "资", "黄", "理", "现", "本", "保", "奖", "佣")) and found.group().startswith("金"):
        return found.group()
    return _NAME if len(found.group()) > 1 else found.group()


def _rounded(found: re.Match[str]) -> str:
    if not (found["mark"] or found["unit"]):
        return found.group()
    figure = Decimal(unicodedata.normalize("NFKC", found["figure"]).replace(",", ""))
    if not figure or len(figure.normalize().as_tuple().digits) <= _KEPT_DIGITS:
        return found.group()
    coarse = figure.quantize(Decimal(1).scaleb(figure.adjusted()))
    return f"{found['mark'] or ''}{coarse:f}{found['unit'] or ''}"
