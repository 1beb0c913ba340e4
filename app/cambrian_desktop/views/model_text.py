"""The words of the Model page: what is awaited, what the champion is, how often the test part was seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from cambrian.run.facts import ENDED_UNEXPECTEDLY, UNREADABLE
from cambrian_desktop.figures import figure
from cambrian_desktop.run_picture import RunPicture
from cambrian_desktop.views.genome_text import origin_text
from cambrian_desktop.views.verdict import metric_text


def waiting_text(picture: RunPicture) -> tuple[str, str]:
    """Title and sentence of a run without a result: what will stand here, and when."""
    translate = QCoreApplication.translate
    state = picture.state
    if state == UNREADABLE:
        return translate("Model", "The run cannot be read"), f"{picture.problem} {picture.remedy}".strip()
    if state == "failed":
        error = picture.run.error if picture.run is not None else ""
        return translate("Model", "The run failed"), error or translate("Model", "Its log has the details.")
    if state in (ENDED_UNEXPECTEDLY, "interrupted"):
        return (
            translate("Model", "No model yet: the run was cut short"),
            translate(
                "Model", "Resume it on the Live page: it goes on from where it stood and ends with a model."
            ),
        )
    if state == "paused":
        return (
            translate("Model", "No model yet: the run is paused"),
            translate("Model", "Resume it on the Live page; the model appears when it has ended."),
        )
    if state == "finishing":
        return (
            translate("Model", "The model is being made"),
            translate(
                "Model",
                "The best networks are trained once more, the best of them is chosen, "
                "and the test part is looked at. This takes a moment.",
            ),
        )
    ends = picture.pace.ends if picture.pace is not None else None
    sentence = translate(
        "Model",
        "The verdict, the test scores and the champion appear here when the run has ended; "
        "then it can predict your files.",
    )
    if ends is not None:
        when = translate("Model", "It is expected to end at {time}.").format(time=f"{ends:%H:%M}")
        sentence = f"{sentence} {when}"
    return translate("Model", "No model yet: the run goes on"), sentence


def looks_text(looks: int) -> str:
    """How often the test part was looked at, and what that means."""
    translate = QCoreApplication.translate
    if looks == 1:
        return translate("Model", "The test rows were looked at once, after everything was chosen.")
    return translate(
        "Model",
        "The test rows were looked at {looks} times: every further look makes the scores a little too good.",
    ).format(looks=looks)


def champion_sentences(result: Mapping[str, Any]) -> list[str]:
    """What the delivered model is made of and where it came from."""
    translate = QCoreApplication.translate
    champion = result["champion"]
    number = champion["individual"]
    origin = translate("Model", "Individual {number} of generation {generation}: {origin}.").format(
        number=number, generation=champion["generation"], origin=origin_text(champion["operator"])
    )
    sentences = [_networks_sentence(len(champion.get("networks") or ())), origin]
    scores = ", ".join(
        f"{metric_text(name)} {figure(value)}" for name, value in champion["validation"].items()
    )
    sentences.append(
        translate("Model", "On the validation rows, by which it was chosen: {scores}.").format(scores=scores)
    )
    heir = champion.get("inherited")
    if heir is not None:
        sentences.append(
            translate(
                "Model",
                "In the search it had begun with the weights of individual {parent}; "
                "what is delivered was trained from scratch.",
            ).format(parent=heir["parent"])
        )
    finalists = [each for each in champion.get("finalists") or () if each != number]
    if finalists:
        others = ", ".join(map(str, finalists))
        sentences.append(translate("Model", "Other finalists: {others}.").format(others=others))
    return sentences


def _networks_sentence(count: int) -> str:
    translate = QCoreApplication.translate
    if count == 1:
        return translate("Model", "One network.")
    return translate(
        "Model", "The mean of {count} networks of one genome, trained on different folds and seeds."
    ).format(count=count)
