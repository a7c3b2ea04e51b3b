"""An answer, token by token: it stops when told, and says nothing by halves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.dialogue.speaker import Said
from engine.stop import Stop
from engine.venus.decode.figures import Figures
from engine.venus.decode.prefix import Sight
from engine.venus.decode.sampling import Sampler
from engine.venus.decode.unfolding import Unfolding
from engine.venus.family import Processor


def stream(
    sight: Sight,
    processor: Processor,
    prompt: Sequence[int],
    *,
    sampler: Sampler,
    most: int,
    stop: Stop,
    stop_words: Sequence[str] = (),
    figures: Figures | None = None,
) -> Iterator[Said]:
    """What the model answers to a prompt, in pieces, up to `most` tokens.

    Ends at the processor's stop ids or before one of `stop_words`. `stop` is asked before and
    after every token is computed; once it is true, nothing is computed and nothing is said.
    The same memory may serve another answer between two pieces: this one then takes up again.
    """
    answer: list[int] = []
    text = Unfolding(processor.decode, stop_words=stop_words)
    untold = 0
    if figures is not None:
        figures.begin()
    while len(answer) < most:
        # Asks `stop` itself before it computes anything.
        logits = sight.logits(prompt, answer, room=most - len(answer), stop=stop)
        if logits is None or stop():
            return
        token = sampler.draw(logits, [*prompt, *answer])
        if figures is not None:
            figures.came()
        if token in processor.stop_ids:
            break
        answer.append(token)
        untold += 1
        if piece := text.add(token):
            yield Said(piece, untold)
            untold = 0
        if text.ended:
            return
    if not stop() and (rest := text.end()):
        yield Said(rest, untold)
