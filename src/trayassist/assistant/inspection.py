"""Asks all inspectors about an exchange, each with a time limit; one that fails counts as UNCHECKED."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Sequence

from trayassist.api import Exchange, Inspector, Risk, Verdict
from trayassist.plugins.sandbox import in_time
from trayassist.plugins.validation import is_verdict
from trayassist.safety.audit import Audit

logger = logging.getLogger(__name__)

LIMIT_S = 2.0
STRIKES = 2  # time-outs in a row after which an inspector rests: each leaves a thread behind
REST_S = 60.0


class Inspection:
    """Asks the inspectors; `inspectors` is set when plugins are loaded."""

    def __init__(self, audit: Audit) -> None:
        self.inspectors: Sequence[Inspector] = ()
        self._audit = audit
        self._late: dict[str, list[float]] = {}  # by inspector: when its latest time-outs in a row were

    async def inspect(self, exchange: Exchange, run_id: str = "") -> Verdict:
        """Return the joint verdict: the highest risk and score, all tags. `run_id` is noted with it in the audit log.

        It is UNCHECKED, never LOW, when an inspector could not answer, and when there is no inspector at
        all (F-18: fail closed).
        """
        verdicts = [await self._ask(inspector, exchange) for inspector in self.inspectors]
        if not verdicts:
            return Verdict(risk=Risk.UNCHECKED, reason="No inspector is switched on.", source="none")
        worst = max(verdicts, key=lambda verdict: (verdict.risk, verdict.score))
        joint = Verdict(
            risk=worst.risk,
            score=max(verdict.score for verdict in verdicts),
            tags=tuple(dict.fromkeys(tag for verdict in verdicts for tag in verdict.tags)),
            matched=tuple(dict.fromkeys(span for verdict in verdicts for span in verdict.matched)),
            reason=worst.reason,
            source=worst.source,
            blocks=any(verdict.blocks for verdict in verdicts),
        )
        self._record(exchange, joint, run_id)
        return joint

    async def _ask(self, inspector: Inspector, exchange: Exchange) -> Verdict:
        name = str(getattr(inspector, "name", type(inspector).__name__))
        late = self._late.setdefault(name, [])
        if len(late) >= STRIKES and time.monotonic() - late[-1] < REST_S:
            return _unchecked_verdict(name, f"rests for {REST_S:.0f} seconds because it took too long twice")
        try:
            verdict = await in_time(inspector.inspect, exchange, limit_s=LIMIT_S)
        except TimeoutError:
            late.append(time.monotonic())
            logger.warning("inspector %s took longer than %s s", name, LIMIT_S)
            return _unchecked_verdict(name, f"took longer than {LIMIT_S:.0f} seconds")
        except Exception as error:  # barrier: an inspector's code ran; its failure is a verdict of its own
            logger.warning("inspector %s failed: %s", name, error)
            return _unchecked_verdict(name, f"failed ({error})")
        late.clear()
        if not is_verdict(verdict):
            return _unchecked_verdict(name, "returned no verdict")
        return verdict

    def _record(self, exchange: Exchange, verdict: Verdict, run_id: str) -> None:
        """Write the watchdog's line: hashes and short spans, never the text (C-12)."""
        request, answer = exchange.request, exchange.answer
        self._audit.write(
            "verdict",
            run_id=run_id or (request.id if request else None),
            event_kind="chat" if request else "rag" if exchange.passages else "action",
            stage="answer" if answer is not None else "request" if request else "context",
            model=verdict.source,
            risk_level=verdict.risk.label,
            score=verdict.score,
            tags=verdict.tags,
            matched=[span[:80] for span in verdict.matched],
            notes=verdict.reason,
            sources_seen=sorted({passage.name for passage in exchange.passages}),
            prompt_sha256=_hash(request.text) if request else None,
            answer_sha256=_hash(answer) if answer is not None else None,
            status="error" if verdict.risk is Risk.UNCHECKED else "ok",
        )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _unchecked_verdict(name: str, why: str) -> Verdict:
    return Verdict(risk=Risk.UNCHECKED, reason=f"The inspector {name} {why}.", source=name)
