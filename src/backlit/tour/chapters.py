"""The chapters, in the order of the article."""

from .backward import backward, check
from .blocks import Chapter
from .claim import claim
from .descent import descent
from .end import end
from .network import forward, loss
from .proof import proof
from .reading import reading
from .slope import slope
from .update import update

TITLE = "Backpropagation with the lights on"
LEAD = (
    "An article once explained how a neural network, the black box, is trained. This is that "
    "article, live: from a walk down a parabola to handwritten digits. The equations shown are the "
    "ones that run, and every result of ours was computed on the way here."
)

CHAPTERS = (
    Chapter("descent", "Going downhill", descent),
    Chapter("forward", "Forward: what a network computes", forward),
    Chapter("loss", "The loss: how wrong it is", loss),
    Chapter("backward", "Backward: who is to blame", backward),
    Chapter("slope", "The slope of the sigmoid", slope),
    Chapter("check", "Is the gradient right?", check),
    Chapter("update", "Update, and again", update),
    Chapter("proof", "Proof: a student learns what a teacher computes", proof),
    Chapter("claim", "May the slopes be dropped?", claim),
    Chapter("digits", "Reading handwritten digits", reading),
    Chapter("end", "Where to go from here", end),
)
