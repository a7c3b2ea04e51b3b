"""What all engines that are language models share: prompts, boxes, posterior, answers.

No torch and no network here. An engine brings a `speaker.Speaker` for each open photo; `answers`
turns questions into what is said to it, and what it says into events.
"""
