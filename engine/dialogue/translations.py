"""The sentences of `words` in German and Chinese; a test holds them to those of the source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "de": {
        "The one crop that the model gave is the whole frame.": (
            "Der eine Ausschnitt, den das Modell nannte, ist das ganze Bild."
        ),
        "The model's own crops agree best with the whole frame, which overlaps with them by"
        " {score}: no crop gains.": (
            "Die eigenen Ausschnitte des Modells stimmen am besten mit dem ganzen Bild überein, das"
            " sich zu {score} mit ihnen deckt: Kein Ausschnitt gewinnt."
        ),
        "It is as you asked, and as near as can be to the one crop that the model gave. It"
        " takes off {trims}.": (
            "Er ist wie gewünscht und so nah wie möglich an dem einen Ausschnitt, den das Modell"
            " nannte. Weg fällt: {trims}."
        ),
        "It is the one crop that the model gave; there are no others to score it by. It takes"
        " off {trims}.": (
            "Es ist der eine Ausschnitt, den das Modell nannte; andere, an denen er sich messen"
            " ließe, gibt es nicht. Weg fällt: {trims}."
        ),
        "Of all crops as you asked it agrees best with {count} that the model drew: it overlaps"
        " with them by {score}. It takes off {trims}.": (
            "Von allen gewünschten Ausschnitten stimmt er am besten mit {count} überein, die das"
            " Modell zog: Er deckt sich zu {score} mit ihnen. Weg fällt: {trims}."
        ),
        "Of all crops it agrees best with {count} that the model drew: it overlaps with them by"
        " {score}. It takes off {trims}.": (
            "Von allen Ausschnitten stimmt er am besten mit {count} überein, die das Modell zog: Er"
            " deckt sich zu {score} mit ihnen. Weg fällt: {trims}."
        ),
        "It goes closer, nearest to {share} of the model's own crops. It takes off {trims}.": (
            "Er geht näher heran, am nächsten an {share} der eigenen Ausschnitte des Modells. Weg"
            " fällt: {trims}."
        ),
        "It makes an upright format of it, nearest to {share} of the model's own crops. It"
        " takes off {trims}.": (
            "Er macht ein Hochformat daraus, am nächsten an {share} der eigenen Ausschnitte des"
            " Modells. Weg fällt: {trims}."
        ),
        "It makes a landscape format of it, nearest to {share} of the model's own crops. It"
        " takes off {trims}.": (
            "Er macht ein Querformat daraus, am nächsten an {share} der eigenen Ausschnitte des"
            " Modells. Weg fällt: {trims}."
        ),
        "It is as you asked, and nearest to {share} of the model's own crops. It takes off"
        " {trims}.": (
            "Er ist wie gewünscht, am nächsten an {share} der eigenen Ausschnitte des Modells. Weg"
            " fällt: {trims}."
        ),
        "It is another framing, nearest to {share} of the model's own crops. It takes off"
        " {trims}.": (
            "Es ist ein anderer Ausschnitt, am nächsten an {share} der eigenen des Modells. Weg"
            " fällt: {trims}."
        ),
        "The model gave one crop of its own, and this one overlaps with it by {score}.": (
            "Das Modell nannte einen eigenen Ausschnitt, und dieser deckt sich zu {score} mit ihm."
        ),
        "The model's own crops speak for this one: it overlaps with them by {score}, more"
        " than {better} of the crops that could be made.": (
            "Die eigenen Ausschnitte des Modells sprechen für diesen: Er deckt sich zu {score} mit"
            " ihnen, mehr als {better} der möglichen Ausschnitte."
        ),
        "The model's own crops speak against this one: it overlaps with them by {score},"
        " more than only {better} of the crops that could be made.": (
            "Die eigenen Ausschnitte des Modells sprechen gegen diesen: Er deckt sich zu {score}"
            " mit ihnen, mehr als nur {better} der möglichen Ausschnitte."
        ),
        "The model's own crops speak neither clearly for this one nor against it: it"
        " overlaps with them by {score}, more than {better} of the crops that could be"
        " made.": (
            "Die eigenen Ausschnitte des Modells sprechen weder klar für diesen noch gegen ihn: Er"
            " deckt sich zu {score} mit ihnen, mehr als {better} der möglichen Ausschnitte."
        ),
        "The model gave no crop of its own to judge this one by; it was asked both ways.": (
            "Das Modell nannte keinen eigenen Ausschnitt, an dem sich dieser messen ließe; es wurde"
            " nach beidem gefragt."
        ),
        "The model gave its advice as one with its analysis: it stands there.": (
            "Das Modell gab seinen Rat in einem mit der Analyse: Er steht dort."
        ),
    },
    "zh_CN": {
        "The one crop that the model gave is the whole frame.": "模型给出的唯一裁剪就是整幅画面。",
        "The model's own crops agree best with the whole frame, which overlaps with them by"
        " {score}: no crop gains.": (
            "模型自己的裁剪与整幅画面最为一致，重叠 {score}：裁剪没有好处。"
        ),
        "It is as you asked, and as near as can be to the one crop that the model gave. It"
        " takes off {trims}.": "符合您的要求，并尽量接近模型给出的唯一裁剪。裁去{trims}。",
        "It is the one crop that the model gave; there are no others to score it by. It takes"
        " off {trims}.": "这是模型给出的唯一裁剪；没有其他裁剪可以用来评分。裁去{trims}。",
        "Of all crops as you asked it agrees best with {count} that the model drew: it overlaps"
        " with them by {score}. It takes off {trims}.": (
            "在所有符合要求的裁剪中，它与模型画出的 {count} 个最为一致，重叠 {score}。裁去{trims}。"
        ),
        "Of all crops it agrees best with {count} that the model drew: it overlaps with them by"
        " {score}. It takes off {trims}.": (
            "在所有裁剪中，它与模型画出的 {count} 个最为一致，重叠 {score}。裁去{trims}。"
        ),
        "It goes closer, nearest to {share} of the model's own crops. It takes off {trims}.": (
            "它更近一些，最接近模型自己裁剪中的 {share}。裁去{trims}。"
        ),
        "It makes an upright format of it, nearest to {share} of the model's own crops. It"
        " takes off {trims}.": "改成竖幅，最接近模型自己裁剪中的 {share}。裁去{trims}。",
        "It makes a landscape format of it, nearest to {share} of the model's own crops. It"
        " takes off {trims}.": "改成横幅，最接近模型自己裁剪中的 {share}。裁去{trims}。",
        "It is as you asked, and nearest to {share} of the model's own crops. It takes off"
        " {trims}.": "符合您的要求，最接近模型自己裁剪中的 {share}。裁去{trims}。",
        "It is another framing, nearest to {share} of the model's own crops. It takes off"
        " {trims}.": "另一种取景，最接近模型自己裁剪中的 {share}。裁去{trims}。",
        "The model gave one crop of its own, and this one overlaps with it by {score}.": (
            "模型只给出一个裁剪，这个裁剪与它重叠 {score}。"
        ),
        "The model's own crops speak for this one: it overlaps with them by {score}, more"
        " than {better} of the crops that could be made.": (
            "模型自己的裁剪支持这个裁剪：与它们重叠 {score}，高于 {better} 的可能裁剪。"
        ),
        "The model's own crops speak against this one: it overlaps with them by {score},"
        " more than only {better} of the crops that could be made.": (
            "模型自己的裁剪不支持这个裁剪：与它们重叠 {score}，只高于 {better} 的可能裁剪。"
        ),
        "The model's own crops speak neither clearly for this one nor against it: it"
        " overlaps with them by {score}, more than {better} of the crops that could be"
        " made.": (
            "模型自己的裁剪既不明显支持也不明显反对这个裁剪：与它们重叠 {score}，高于 {better}"
            " 的可能裁剪。"
        ),
        "The model gave no crop of its own to judge this one by; it was asked both ways.": (
            "模型没有给出可供比较的裁剪；已从正反两面询问。"
        ),
        "The model gave its advice as one with its analysis: it stands there.": (
            "模型把建议和分析写在一起，请看分析部分。"
        ),
    },
}
"""By language code, for each of `engine.builtin.wording.LANGUAGES`."""
