"""What events say, as rows. Pure: the same events give the same rows, whatever the order in which they came and however
often.

Rows are always made from all events of what they are about: those of a call (calls.py; what the caller did, the stays
in queues and what was written are a file each), of a case or a promise (cases.py), all decisions on who is who
(identity.py). Events are put in order by time, then by kind, then by id, so that clocks that differ by a little between
machines change as little as can be.
"""

from history.projection.calls import PROJECTIONS, CallRows, project
from history.projection.checking import check, check_form, subject_of
from history.projection.data import Unreadable

__all__ = ["PROJECTIONS", "CallRows", "Unreadable", "check", "check_form", "project", "subject_of"]
