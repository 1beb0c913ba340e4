"""Qt item models over plain values, and the words for what stands in them."""

from cambrian_desktop.models.events import EventsModel
from cambrian_desktop.models.individuals import IndividualsModel
from cambrian_desktop.models.leaders import Leader, LeadersModel, leaders_of
from cambrian_desktop.models.runs import RunsModel

__all__ = ["EventsModel", "IndividualsModel", "Leader", "LeadersModel", "RunsModel", "leaders_of"]
