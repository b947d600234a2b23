"""Requests one by one: a log line, a trace, the time of each stage. Only for those of which somebody wants it."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from sabiscore.clock import CLOCK, Clock
from sabiscore.stages import CURRENT, Batch, Stages

OWN = ("/health", "/metrics")
"""Paths that are asked all the time by machines, and never watched."""

TRACE_HEADERS = ("traceparent", "tracestate")
"""https://www.w3.org/TR/trace-context/"""

NANO = 1_000_000_000

Header: TypeAlias = tuple[str, str]

log = logging.getLogger("sabiscore.requests")


class Watched(Struct, frozen=True):
    """A request that is watched: by whom, its stages, and the Unix time at which the clock's seconds are zero."""

    stages: Stages
    span: Span | None
    logged: bool
    began: float
    zero: float

    @property
    def trace(self) -> SpanContext | None:
        """What its trace is found by, if it has one."""
        return self.span.get_span_context() if self.span else None

    def nano(self, seconds: float) -> int:
        """Unix nanoseconds of a time of the clock."""
        return int((self.zero + seconds) * NANO)


class Watcher:
    """Watches requests for a log, for `Server-Timing` and for traces."""

    def __init__(
        self, *, a_second: int = 0, timing: bool = False, tracer: Tracer | None = None, clock: Clock = CLOCK
    ) -> None:
        """``a_second`` requests are logged within a second, the first ones; ``timing`` is for clients to see."""
        self._most = a_second
        self._timing = timing
        self._tracer = tracer
        self._clock = clock
        self._propagator = TraceContextTextMapPropagator()
        self._second = self._logged = self._left_out = 0

    def begin(
        self, method: str, path: str, header: Callable[[str], str | None], began: float
    ) -> Watched | None:
        """Watch a request from now on, unless nobody wants to know of it."""
        if path.startswith(OWN):
            return None
        zero = self._clock.unix() - self._clock.seconds()
        span = self._span(method, header, int((zero + began) * NANO))
        logged = self._is_logged(began)
        if not (logged or self._timing or span):
            return None
        stages = Stages(span.get_span_context() if span else None)
        CURRENT.set(stages)
        return Watched(stages, span, logged, began, zero)

    def end(self, watched: Watched, *, method: str, route: str, status: int, name: str) -> list[Header]:
        """All is known of it, but its sending; headers to be sent."""
        CURRENT.set(None)
        ended = self._clock.seconds()
        if watched.span:
            self._trace(watched.span, watched, ended, method=method, route=route, status=status, name=name)
        if watched.logged:
            self._log(watched, ended - watched.began, method=method, route=route, status=status, name=name)
        return [("server-timing", _timing(watched, ended))] if self._timing else []

    def batched(self, requests: Sequence[Stages], batch: Batch) -> None:
        """A batch was made for these requests, and perhaps for others; it is in the trace of the first of them."""
        links = [Link(each.span) for each in requests if each.span]
        if self._tracer is None or not links:
            return
        zero = self._clock.unix() - self._clock.seconds()

        def nano(seconds: float) -> int:
            return int((zero + seconds) * NANO)

        span = self._tracer.start_span(
            "batch",
            context=set_span_in_context(NonRecordingSpan(links[0].context)),
            links=links,
            attributes={"sabiscore.fixtures": batch.fixtures},
            start_time=nano(batch.began),
        )
        model = self._tracer.start_span(
            "model", context=set_span_in_context(span), start_time=nano(batch.model_began)
        )
        model.end(nano(batch.model_ended))
        span.end(nano(batch.ended))
        for each in requests:
            each.batch = span.get_span_context()

    def _span(self, method: str, header: Callable[[str], str | None], began: int) -> Span | None:
        if self._tracer is None:
            return None
        carrier = {name: value for name in TRACE_HEADERS if (value := header(name))}
        context = self._propagator.extract(carrier)
        span = self._tracer.start_span(method, context=context, kind=SpanKind.SERVER, start_time=began)
        return span if span.is_recording() else None

    def _is_logged(self, now: float) -> bool:
        if int(now) != self._second:
            self._second, self._logged = int(now), 0
        self._logged += 1
        if self._most and self._logged > self._most:
            self._left_out += 1
        return self._logged <= self._most

    def _trace(
        self, span: Span, watched: Watched, ended: float, *, method: str, route: str, status: int, name: str
    ) -> None:
        span.update_name(f"{method} {route}".rstrip())
        span.set_attributes(
            {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
                "sabiscore.request_id": name,
                "sabiscore.layer": watched.stages.layer,
            }
        )
        if status >= 500:  # noqa: PLR2004
            span.set_status(Status(StatusCode.ERROR))
        within = set_span_in_context(span)
        for each in watched.stages.passed:
            links = [Link(watched.stages.batch)] if each.name == "wait" and watched.stages.batch else []
            part = self._tracer.start_span(  # type: ignore[union-attr]
                each.name, context=within, links=links, start_time=watched.nano(each.began)
            )
            part.end(watched.nano(each.ended))
        span.end(watched.nano(ended))

    def _log(
        self, watched: Watched, seconds: float, *, method: str, route: str, status: int, name: str
    ) -> None:
        fields = {
            "request_id": name,
            "method": method,
            "route": route,
            "status": status,
            "seconds": round(seconds, 6),
            "layer": watched.stages.layer,
            "stages": {each.name: round(each.ended - each.began, 6) for each in watched.stages.passed},
        }
        if watched.span:
            fields["trace_id"] = f"{watched.span.get_span_context().trace_id:032x}"
        if self._left_out:
            fields["left_out"], self._left_out = self._left_out, 0
        log.info("%s %s %d in %.1f ms", method, route or "-", status, seconds * 1e3, extra={"fields": fields})


def _timing(watched: Watched, ended: float) -> str:
    """As https://www.w3.org/TR/server-timing/ has it, in milliseconds."""
    spent = [(each.name, each.ended - each.began) for each in watched.stages.passed]
    spent.append(("total", ended - watched.began))
    return ", ".join(f"{name};dur={seconds * 1e3:.3f}" for name, seconds in spent)
