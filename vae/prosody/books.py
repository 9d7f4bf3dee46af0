"""The two rhyme books by name: which groups there are, how the 廣韻's 206 rhymes merge into the 106 of the 平水韻, and
which groups an opening line may borrow from.

Merge: the traditional one (平水韻), 廣韻 rhyme names on the left of the colon as in the source file's 韻目原貌.
"""

from __future__ import annotations

_MERGE = {
    "平": """東:東 冬鍾:冬 江:江 支脂之:支 微:微 魚:魚 虞模:虞 齊:齊 佳皆:佳 灰咍:灰 眞真諄臻:真 文欣殷:文 元魂痕:元
        寒桓:寒 刪山:刪 先仙:先 蕭宵:蕭 肴:肴 豪:豪 歌戈:歌 麻:麻 陽唐:陽 庚耕清:庚 青:青 蒸登:蒸 尤侯幽:尤 侵:侵
        覃談:覃 鹽添嚴:鹽 咸銜凡:咸""",
    "上": """董湩:董 腫:腫 講:講 紙旨止:紙 尾:尾 語:語 麌姥:麌 薺:薺 蟹駭:蟹 賄海:賄 軫準:軫 吻隱:吻 阮混很:阮 旱緩:旱
        潸產:潸 銑獮:銑 篠小:篠 巧:巧 皓晧:皓 哿果:哿 馬:馬 養蕩:養 梗耿靜:梗 迥拯等:迥 有厚黝:有 寢寑:寢 感敢:感
        琰忝儼:琰 豏檻范:豏""",
    "去": """送:送 宋用:宋 絳:絳 寘至志:寘 未:未 御:御 遇暮:遇 霽祭:霽 泰:泰 卦怪夬:卦 隊代廢:隊 震稕:震 問焮:問
        願慁恨:願 翰換:翰 諫襉襇:諫 霰線:霰 嘯笑:嘯 效:效 號号:號 箇過:箇 禡:禡 漾宕:漾 敬映諍勁:敬 徑證嶝:徑
        宥候幼:宥 沁:沁 勘闞:勘 豔㮇釅:豔 陷鑑梵:陷""",
    "入": """屋:屋 沃燭:沃 覺:覺 質術櫛:質 物迄:物 月沒:月 曷末:曷 黠鎋:黠 屑薛:屑 藥鐸:藥 陌麥昔:陌 錫:錫 職德:職
        緝:緝 合盍:合 葉怗:葉 洽狎業乏:洽""",
}
# Groups of one row may stand in for each other in a rhymed opening line (鄰韻); 元 has two halves and two rows.
_NEIGHBOURS = "東冬 江陽 支微齊 魚虞 佳灰 真文元 寒刪先元 蕭肴豪 庚青蒸 覃鹽咸"


def _groups(tones: str) -> tuple[str, ...]:
    return tuple(pair.split(":")[1] for tone in tones for pair in _MERGE[tone].split())


def merge() -> dict[tuple[str, str], str]:
    """(tone 平上去入, 廣韻 rhyme) -> 平水韻 group."""
    pairs = ((tone, *pair.split(":")) for tone, row in _MERGE.items() for pair in row.split())
    return {(tone, rhyme): group for tone, rhymes, group in pairs for rhyme in rhymes}


def neighbours() -> dict[str, frozenset[str]]:
    """Level group of the 平水韻 -> the other groups that an opening line may take instead."""
    rows = _NEIGHBOURS.split()
    return {
        group: frozenset(other for row in rows if group in row for other in row if other != group)
        for group in CLASSICAL_LEVEL
    }


CLASSICAL_LEVEL = _groups("平")
CLASSICAL_OBLIQUE = _groups("上去入")
# 中華新韻 (2005): one set of names serves level and oblique alike.
MODERN = tuple("麻波皆開微豪尤寒文唐庚齊支姑")
