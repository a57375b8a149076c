"""Product matching in a catalogue of 10,000: `python -m benchmarks.matching [--names 10000] [--misses]`.

Prints the share of noisy names whose product is among the first three, alone and inside a sentence, the time per
look-up beside a peer (difflib over the same names), and false matches on sentences that name no product.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import random
import time
from pathlib import Path

from benchmarks.noise import replace_one
from zhtext.match import Catalogue, Entry
from zhtext.sound import is_chinese

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
HOUSES = [
    "云栖", "鹿鸣", "星澜", "泊岸", "砚池", "青禾", "望潮", "晴川", "竹影", "松涛", "海棠", "雁回", "沐阳",
    "溪桥", "临风", "知秋", "拾光", "半夏", "听雨", "南枝", "北辰", "东篱", "西岭", "长汀", "映山", "锦帆",
    "云岫", "石榴", "白鹭", "春涧", "秋水", "画眉", "归雁", "银杏", "木棉", "芦荻", "麦田", "远山", "清越",
    "明湖",
]  # fmt: skip
THEMES = [
    "稳健增利", "双季盈", "安享回报", "医疗创新", "先进制造", "新能源车", "消费升级", "数字经济", "半导体",
    "高端装备", "绿色转型", "红利精选", "量化优选", "信用增强", "短债", "中短债", "纯债添利", "可转债",
    "增强收益", "聚利", "丰泽", "悦享", "瑞景", "恒远", "鑫源", "嘉益", "臻选成长", "价值发现",
    "港股通精选", "科技先锋", "军工主题", "农业产业", "文体娱乐", "资源优势", "全球配置", "黄金主题",
    "养老目标", "均衡配置", "行业轮动", "新兴产业",
]  # fmt: skip
KINDS = [
    "混合", "债券", "股票", "指数", "灵活配置混合", "定期开放债券", "一年持有混合", "ETF联接", "货币",
    "指数增强", "90天理财", "180天持有债券", "三年定开混合",
]  # fmt: skip
ORDINARY = [
    "我想看看最近赚了多少", "稳健一点的理财有吗", "基金净值什么时候更新", "债券基金会亏钱吗",
    "帮我做个资产体检", "今天大盘怎么样", "赎回要几天到账", "定投怎么设置", "什么叫七日年化",
    "我要找理财经理", "最近黄金涨得厉害还能买吗", "新能源还有机会吗", "风险测评过期了怎么办",
    "我的钱都放活期里了", "收益为什么变成负的", "几点关门", "取个号", "混合型和股票型有什么区别",
    "养老钱怎么打理好", "手续费是多少", "三个月以内要用的钱放哪里", "我想买点短债",
    "半导体跌成这样要不要割肉", "可转债是什么", "指数增强和普通指数哪个好", "红利精选策略最近怎么样",
    "医疗板块什么时候反弹",
]  # fmt: skip
FRAMES = ("帮我看看{}怎么样", "{}", "我想买五万{}可以吗", "昨天{}为什么跌了", "{}现在还能拿吗,有点慌")


def names(count: int, seed: int = 11) -> list[Entry]:
    """Fund-like names of invented houses, every one different, with six-digit codes."""
    chance = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        name = chance.choice(HOUSES) + chance.choice(THEMES) + chance.choice(KINDS) + chance.choice("AAC" + " ")
        found[name.strip()] = None
    return [Entry(f"{at + 100000:06}", name) for at, name in enumerate(found)]


def one_wrong(name: str, chance: random.Random) -> str:
    """One character replaced by a sound-alike."""
    places = [at for at, char in enumerate(name) if is_chinese(char) and replace_one(char, chance) != char]
    at = chance.choice(places)
    return name[:at] + replace_one(name[at], chance) + name[at + 1 :]


def one_missing(name: str, chance: random.Random) -> str:
    """One Chinese character left out."""
    at = chance.choice([at for at, char in enumerate(name) if is_chinese(char)])
    return name[:at] + name[at + 1 :]


def share_found(
    catalogue: Catalogue, damage: str, sample: int = 2000, seed: int = 5
) -> tuple[float, list[tuple[float, float]], list]:
    """Share among the first three, seconds of each look-up (wall, processor), the misses (said, wanted, found)."""
    chance = random.Random(seed)
    picks = chance.sample(catalogue.entries, min(sample, len(catalogue)))
    times: list[tuple[float, float]] = []
    missed = []
    for entry in picks:
        broken = {"as written": lambda n, _: n, "sound-alike": one_wrong, "missing": one_missing}[damage](
            entry.name, chance
        )
        said = chance.choice(FRAMES).format(broken)
        began = time.perf_counter(), time.thread_time()
        found = catalogue.find(said)
        times.append((time.perf_counter() - began[0], time.thread_time() - began[1]))
        if entry.code not in [match.code for match in found]:
            missed.append((said, entry.name, [match.name for match in found]))
    return 1 - len(missed) / len(picks), times, missed


def false_matches(catalogue: Catalogue) -> dict[str, tuple[int, int, list]]:
    """Sentences that name no product, by source: how many matched something, of how many."""
    sources = {"own sentences": ORDINARY}
    questions = SHARED / "oos_questions.tsv"
    if questions.is_file():
        with questions.open(encoding="utf-8") as rows:
            sources["out-of-scope questions"] = [row["text"] for row in csv.DictReader(rows, delimiter="\t")]
    result = {}
    for source, sentences in sources.items():
        hits = [(text, found[0]) for text in sentences if (found := catalogue.find(text))]
        result[source] = (len(hits), len(sentences), hits)
    return result


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--names", type=int, default=10_000)
    options.add_argument("--misses", action="store_true", help="print what was missed or matched wrongly")
    asked = options.parse_args()
    began = time.perf_counter()
    catalogue = Catalogue(names(asked.names))
    print(f"built over {len(catalogue):,} names in {time.perf_counter() - began:.1f} s")
    p95 = 0.0
    for damage in ("as written", "sound-alike", "missing"):
        share, times, missed = share_found(catalogue, damage)
        wall, busy = (sorted(column) for column in zip(*times, strict=True))
        half, most = len(wall) // 2, int(len(wall) * 0.95)
        p95 = wall[most] * 1e3
        print(
            f"{damage:12} in the first three {share:7.2%}   p50 {wall[half] * 1e3:5.2f} ms   p95 {p95:5.2f} ms"
            f"   (processor time p50 {busy[half] * 1e3:5.2f}, p95 {busy[most] * 1e3:5.2f})"
        )
        if asked.misses:
            for said, wanted, found in missed[:30]:
                print("   ", said, "| wanted", wanted, "| found", found)
    listed = [entry.name for entry in catalogue.entries]
    began = time.perf_counter()
    for name in listed[:5]:
        difflib.get_close_matches(one_wrong(name, random.Random(1)), listed, n=3)
    peer = (time.perf_counter() - began) / 5 * 1e3
    print(f"peer: difflib, bare names {peer:8.1f} ms a look-up, {peer / p95:,.0f} × our p95")
    for source, (count, total, hits) in false_matches(catalogue).items():
        print(f"false matches, {source}: {count}/{total} = {count / total:.2%}")
        if asked.misses:
            for text, match in hits:
                print("   ", text, "→", match)


if __name__ == "__main__":
    main()
