"""How the learning rate and dropout change over training, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from cambrian_desktop.views.genome_words import number_text, percent_text


def schedule_sentence(genes: Mapping[str, Any]) -> str:
    """The course of the learning rate, by the schedule's own genes alone."""
    translate = QCoreApplication.translate
    sentences = {
        "constant": translate("Genome", "The learning rate stays as it is."),
        "time": translate(
            "Genome", "The learning rate falls as 1 / (1 + {time_k} t) while t goes from 0 to 1."
        ),
        "step": translate(
            "Genome", "The learning rate falls to {step_gamma} after every {step_every} of training."
        ),
        "exponential": translate(
            "Genome", "The learning rate falls exponentially to {exponential_ratio} of what it was."
        ),
        "plateau": translate(
            "Genome",
            "The learning rate falls to {plateau_factor} after {plateau_patience} epochs without progress.",
        ),
        "one_cycle": translate(
            "Genome", "The learning rate rises for the first {cycle_warmup} of training, then falls (1cycle)."
        ),
        "power": translate(
            "Genome",
            "The learning rate falls as 1 / (1 + t / {power_s})^{power_c} while t goes from 0 to 1.",
        ),
        "cosine": translate(
            "Genome", "The learning rate rises for the first {warmup} of training, then falls along a cosine."
        ),
        "coslog4": translate("Genome", "The learning rate rises and falls in four waves, each longer."),
        "flat_cosine": translate(
            "Genome", "The learning rate stays for half of training, then falls along a cosine."
        ),
    }
    schedule = genes["schedule"]
    if schedule == "cosine" and not genes["warmup"]:
        return translate("Genome", "The learning rate falls along a cosine.")
    if schedule not in sentences:
        return str(schedule)
    return sentences[schedule].format(**_values(genes))


def dropout_sentence(genes: Mapping[str, Any]) -> str:
    """Dropout and its course."""
    share = percent_text(genes["dropout"])
    if genes.get("dropout_schedule") == "flat_cosine":
        return QCoreApplication.translate(
            "Genome", "{share} of the hidden units are dropped at random, fading out in the second half."
        ).format(share=share)
    return QCoreApplication.translate("Genome", "{share} of the hidden units are dropped at random.").format(
        share=share
    )


def _values(genes: Mapping[str, Any]) -> dict[str, str]:
    shares = ("step_gamma", "step_every", "exponential_ratio", "plateau_factor", "cycle_warmup", "warmup")
    numbers = ("time_k", "plateau_patience", "power_s", "power_c")
    return {
        **{name: percent_text(genes[name]) for name in shares if name in genes},
        **{name: number_text(genes[name]) for name in numbers if name in genes},
    }
