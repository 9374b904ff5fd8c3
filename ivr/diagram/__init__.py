"""A flow as a picture: what stands in it, where each step goes, and the SVG. Pure."""

from ivr.diagram.graph import graph_of
from ivr.diagram.layers import layered
from ivr.diagram.places import placed
from ivr.diagram.svg import picture
from ivr.model import Flow


def draw(flow: Flow) -> str:
    """An SVG document of the flow, from its start at the top to its ends."""
    graph = graph_of(flow)
    return picture(graph, placed(layered(graph)))
