"""What /metrics shows, in the text format of Prometheus."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec
from litestar.types import Message, Scope
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

MEDIA_TYPE = "text/plain; version=0.0.4"
_PREFIX = "stationmaster_"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number of the node, read when it is asked for. A counter only grows, and starts at 0 with the program."""

    name: str
    help: str
    read: Callable[[], float]
    kind: Literal["gauge", "counter"] = "gauge"


class Metrics:
    """The node's figures, and how many requests the API has answered."""

    def __init__(self, figures: Sequence[Figure], open_streams: Callable[[], float]) -> None:
        self._registry = CollectorRegistry()
        streams = Figure(name="event_streams", help="Event streams that are open.", read=open_streams)
        self._registry.register(_Figures((*figures, streams)))
        self._requests = Counter(
            f"{_PREFIX}api_requests", "Requests answered.", ("operation", "status"), registry=self._registry
        )

    def text(self) -> bytes:
        return generate_latest(self._registry)

    async def count(self, message: Message, scope: Scope) -> None:
        """A ``before_send`` hook. The operation's name is ours, so strangers cannot make labels."""
        if message["type"] != "http.response.start":
            return
        operation = getattr(scope.get("route_handler"), "handler_name", "none")
        self._requests.labels(operation, str(message["status"])).inc()


class _Figures(Collector):
    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        for figure in self._figures:
            family = _FAMILIES[figure.kind](_PREFIX + figure.name, figure.help)
            family.add_metric((), figure.read())
            yield family


_FAMILIES: dict[str, type[GaugeMetricFamily] | type[CounterMetricFamily]] = {
    "gauge": GaugeMetricFamily,
    "counter": CounterMetricFamily,
}
