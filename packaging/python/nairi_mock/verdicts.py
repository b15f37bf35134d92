"""How a client behaved, rule by rule: docs/rules.md."""

from __future__ import annotations

import textwrap
from typing import Any, Dict, Iterator, List, NamedTuple

from .errors import RuleBroken


class Evidence(NamedTuple):
    number: int  # as in the journal
    at: str  # the world's time; "" when unknown
    exchange: str  # "GET /messages/cmsg_… → 200 completed"


class Verdict(NamedTuple):
    rule: str
    level: str  # "MUST", "SHOULD" or "INFO"
    outcome: str  # "kept", "broken", "not_seen", "not_judged" or "measured"
    sentence: str
    page: str  # where the rule is explained
    evidence: List[Evidence]  # the first of them
    evidence_count: int  # of all

    def text(self) -> str:
        """The verdict for people, with its evidence."""
        lines = [f"{self.level} {self.outcome.replace('_', ' ')}: {self.rule}"]
        lines += textwrap.wrap(self.sentence, 90)
        lines += [f"  #{one.number} {one.exchange}" for one in self.evidence]
        if self.evidence_count > len(self.evidence):
            lines.append(f"  and {self.evidence_count - len(self.evidence)} more")
        return "\n".join(lines)


class Verdicts:
    """All verdicts on a client. Iterating gives one Verdict for each rule."""

    def __init__(self, report: Dict[str, Any]):
        self.traffic: Dict[str, int] = report["traffic"]
        self.unrouted: Dict[str, Any] = report["unrouted"]  # requests that no route fits
        self.refused: Dict[str, Any] = report["refused"]  # what was no HTTP, or too large
        self._all = [_verdict(one) for one in report["verdicts"]]

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, rule: str) -> Verdict:
        for verdict in self._all:
            if verdict.rule == rule:
                return verdict
        known = ", ".join(verdict.rule for verdict in self._all)
        raise KeyError(f"no rule is called {rule!r}; the rules are: {known}")

    def broken(self, level: str = "MUST") -> List[Verdict]:
        """The broken rules of this level."""
        return [one for one in self._all if one.level == level and one.outcome == "broken"]

    def check(self) -> None:
        """Raises RuleBroken if the client broke a rule that it must keep."""
        if self.broken():
            raise RuleBroken(self.text())

    def text(self, level: str = "MUST") -> str:
        """The broken rules of this level, for people."""
        broken = self.broken(level)
        texts = [f"{one.text()}\n  see {one.page}" for one in broken]
        for fate, stray in (("no route", self.unrouted), ("a refusal", self.refused)):
            if broken and stray["count"]:
                texts.append(f"{stray['count']} requests had {fate}, such as {stray['example']}: "
                             f"{stray['hint']}")
        return "\n".join(texts)

    def __repr__(self) -> str:
        return f"<Verdicts: {len(self.broken())} MUST and {len(self.broken('SHOULD'))} SHOULD broken>"


def _verdict(one: Dict[str, Any]) -> Verdict:
    evidence = [_evidence(proof) for proof in one["evidence"]]
    return Verdict(one["rule"], one["level"], one["outcome"], one["sentence"], one["page"],
                   evidence, one["evidence_count"])


def _evidence(proof: Dict[str, Any]) -> Evidence:
    return Evidence(proof["number"], proof.get("at", ""), proof["exchange"])
