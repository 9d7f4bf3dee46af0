"""Makes the atlas: encodes poems of the corpus and fits a plane to their codes, form by form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vae.atlas import CODE, Atlas, Plane, Point
from vae.corpus import Packed, read_poems
from vae.poem import Form
from vae.script import normalise
from vae.vocabulary import Vocabulary
from vae.weights import Net

FITTED, SHOWN = 4096, 1200
"""Poems of a form that the plane is fitted to, and that its cloud shows."""

FAMOUS = {
    Form.WUJUE: {
        "牀前明月光": "靜夜思",
        "床前明月光": "靜夜思",
        "牀前看月光": "靜夜思",
        "白日依山盡": "登鸛雀樓",
        "春眠不覺曉": "春曉",
        "紅豆生南國": "相思",
        "千山鳥飛絕": "江雪",
        "空山不見人": "鹿柴",
        "獨坐幽篁裏": "竹里館",
        "人閒桂花落": "鳥鳴澗",
        "松下問童子": "尋隱者不遇",
        "向晚意不適": "登樂遊原",
        "衆鳥高飛盡": "獨坐敬亭山",
        "移舟泊煙渚": "宿建德江",
    },
    Form.QIJUE: {
        "朝辭白帝彩雲間": "早發白帝城",
        "月落烏啼霜滿天": "楓橋夜泊",
        "遠上寒山石徑斜": "山行",
        "煙籠寒水月籠沙": "泊秦淮",
        "秦時明月漢時關": "出塞",
        "黃河遠上白雲間": "涼州詞",
        "渭城朝雨浥輕塵": "送元二使安西",
        "朱雀橋邊野草花": "烏衣巷",
        "君問歸期未有期": "夜雨寄北",
        "橫看成嶺側成峰": "題西林壁",
        "千里鶯啼綠映紅": "江南春",
        "日照香爐生紫煙": "望廬山瀑布",
        "折戟沈沙鐵未銷": "赤壁",
        "畢竟西湖六月中": "曉出淨慈寺",
        "勝日尋芳泗水濱": "春日",
    },
    Form.WULV: {
        "國破山河在": "春望",
        "空山新雨後": "山居秋暝",
        "單車欲問邊": "使至塞上",
        "細草微風岸": "旅夜書懷",
        "好雨知時節": "春夜喜雨",
        "青山橫北郭": "送友人",
        "今夜鄜州月": "月夜",
        "故人具雞黍": "過故人莊",
        "離離原上草": "古原草送別",
        "海上生明月": "望月懷遠",
        "昔聞洞庭水": "登岳陽樓",
        "清晨入古寺": "破山寺後禪院",
    },
    Form.QILV: {
        "風急天高猿嘯哀": "登高",
        "昔人已乘黃鶴去": "黃鶴樓",
        "錦瑟無端五十絃": "錦瑟",
        "錦瑟無端五十弦": "錦瑟",
        "丞相祠堂何處尋": "蜀相",
        "相見時難別亦難": "無題",
        "劍外忽傳收薊北": "聞官軍收河南河北",
        "鳳凰臺上鳳凰遊": "登金陵鳳凰臺",
        "孤山寺北賈亭西": "錢塘湖春行",
        "莫笑農家臘酒渾": "遊山西村",
        "早歲那知世事艱": "書憤",
        "王濬樓船下益州": "西塞山懷古",
        "一封朝奏九重天": "左遷至藍關",
    },
}
"""Poems that most readers know, by their first line as editions have it."""


@torch.inference_mode()
def survey(net: Net, model: str, packed: Packed, corpus: Path, vocabulary: Vocabulary) -> Atlas:
    """packed: the training part; corpus: the folder that famous poems are looked for in. Raises CorpusError."""
    famous = _famous(corpus, vocabulary)
    planes = {}
    for form, rows in packed.poems.items():
        order = np.random.default_rng(0).permutation(len(rows))[:FITTED]
        codes = _codes(net, form, rows[order])
        mean = codes.mean(0)
        # Of a principal direction only the line is given; the sign that makes its largest part positive is ours.
        axes = np.linalg.svd(codes - mean, full_matrices=False)[2][:2]
        axes *= np.sign(axes[[0, 1], np.abs(axes).argmax(1)])[:, None]
        plane = Plane(mean, axes, (codes[:SHOWN] - mean) @ axes.T, ())
        known = famous.get(form, {})
        landmarks: list[tuple[str, Point]] = [
            (name, plane.locate(_codes(net, form, ids[None])[0].astype(CODE).tobytes())) for name, ids in known.items()
        ]
        planes[form] = Plane(plane.mean, plane.axes, plane.cloud, tuple(landmarks))
    return Atlas(model, planes)


def _codes(net: Net, form: Form, rows: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Means of the posteriors, (poems, latent)."""
    parts = [
        net.encode(form, torch.from_numpy(part.astype(np.int64)))[0] for part in np.array_split(rows, 8) if len(part)
    ]
    means: NDArray[np.float32] = torch.cat(parts).float().numpy()
    return means


def _famous(corpus: Path, vocabulary: Vocabulary) -> Mapping[Form, dict[str, NDArray[np.uint16]]]:
    openings = {(form, normalise(line)): name for form, known in FAMOUS.items() for line, name in known.items()}
    found: dict[Form, dict[str, NDArray[np.uint16]]] = {}
    for file in ("train.jsonl.xz", "valid.jsonl.xz"):
        for poem in read_poems(corpus / file):
            lines = tuple(map(normalise, poem.lines))
            form = Form.of(lines)
            if form is not None and (form, lines[0]) in openings:
                found.setdefault(form, {}).setdefault(openings[form, lines[0]], vocabulary.encode("".join(lines)))
    return found
