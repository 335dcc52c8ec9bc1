"""Goal 4: every cell of the access matrix has an answer, and the portal gives that one."""

from tests.security.ground import Ground, Measure
from tests.visibility.asking import Answers, ask_everything
from tests.visibility.graphs import compare
from tests.visibility.matrix import POSTS, WAYS, positions
from tests.webclient import Browser

GOAL = "4 access matrix"
WHOLE = len(positions())
AT_ONCE = len(POSTS) * len(WAYS)
MOST_SHOWN = 40


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many people are put to both cases.

    So many at a time that meet every post and way: were all of them on one case, each of its pages
    would tell of all of them.
    """
    asked, requests = list[Answers](), 0
    for start in range(0, size, AT_ONCE):
        put = positions()[start : min(start + AT_ONCE, size)]
        with ground.elsewhere() as db:
            answers, sent = ask_everything(db, lambda db=db: Browser(ground.app, db), put)  # type: ignore[misc]
        asked.append(answers)
        requests += sent
    cells = len({cell for answers in asked for cell in answers.made.expected})
    unanswered = [cell for answers in asked for cell in answers.unanswered]
    wrong = [each for answers in asked for each in answers.wrong]
    return Measure(
        GOAL,
        "100 % of cells answered, 0 mismatches",
        f"{cells:,} cells, {len(unanswered)} without an answer, "
        f"{len(wrong)} mismatches; {requests:,} requests",
        not unanswered and not wrong,
        tuple(wrong[:MOST_SHOWN]),
    )


def check_graphs(ground: Ground, *, size: int) -> Measure:
    """Measure sets against single checks; `size` is how many random graphs are drawn."""
    with ground.elsewhere() as db:
        done = compare(db, count=size)
    return Measure(
        f"{GOAL}: random graphs",
        f"SQL list = single check = rule on {size:,} graphs",
        f"{done.graphs:,} graphs, {done.questions:,} questions, {len(done.wrong)} mismatches",
        not done.wrong and done.graphs == size,
        tuple(done.wrong[:MOST_SHOWN]),
    )
