"""Whatever is written, dropped, discarded and approved, each version keeps what it said."""

from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from portal.db import new_id
from portal.plans.rules import Mark, compare, must_go, standing, stands_in


@dataclass
class Line:
    """An objective or an activity with nothing but its words."""

    words: str
    since: int
    until: int | None = None
    line_id: UUID = field(default_factory=new_id)


class Versions(RuleBasedStateMachine):
    """A plan beside a plain record of what each approved version said."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self.number = 0
        self.draft: dict[UUID, str] = {}
        self.approved: dict[int, dict[UUID, str]] = {0: {}}

    def standing_now(self) -> list[Line]:
        return standing(self.lines, self.number + 1)

    @rule(words=st.text(max_size=3))
    def write(self, words: str) -> None:
        line = Line(words, self.number + 1)
        self.lines.append(line)
        self.draft[line.line_id] = words

    @precondition(lambda self: self.standing_now())
    @rule(place=st.integers(0, 9), words=st.text(max_size=3))
    def change(self, place: int, words: str) -> None:
        found = self.standing_now()
        line = found[place % len(found)]
        if must_go(line, self.number + 1):
            line.words = words
        else:
            self.lines.append(Line(words, self.number + 1, line_id=line.line_id))
        self.draft[line.line_id] = words

    @precondition(lambda self: self.standing_now())
    @rule(place=st.integers(0, 9))
    def drop(self, place: int) -> None:
        found = self.standing_now()
        line = found[place % len(found)]
        if must_go(line, self.number + 1):
            self.lines.remove(line)
        del self.draft[line.line_id]

    @rule()
    def discard(self) -> None:
        number = self.number + 1
        self.lines = [line for line in self.lines if line.since != number]
        for line in self.lines:
            line.until = None if line.until == number else line.until
        self.draft = dict(self.approved[self.number])

    @rule()
    def approve(self) -> None:
        self.number += 1
        self.approved[self.number] = dict(self.draft)

    @invariant()
    def every_version_says_what_it_said(self) -> None:
        for number, said in {**self.approved, self.number + 1: self.draft}.items():
            found = standing(self.lines, number)
            assert {line.line_id: line.words for line in found} == said
            assert len(found) == len(said)

    @invariant()
    def what_differs_is_what_the_marks_say(self) -> None:
        number = self.number + 1
        before, now = self.approved[self.number], self.draft
        marks = {each.line.line_id: each for each in compare(self.lines, number)}
        assert marks.keys() == before.keys() | now.keys()
        for line_id, each in marks.items():
            if line_id not in now:
                assert each.mark is Mark.DROPPED
            elif line_id not in before:
                assert each.mark is (Mark.ADDED if number > 1 else Mark.SAME)
            elif before[line_id] != now[line_id]:
                assert each.mark is Mark.CHANGED
                assert each.before is not None
                assert each.before.words == before[line_id]
            assert stands_in(each.line, number) is (each.mark is not Mark.DROPPED)


TestVersions = Versions.TestCase
