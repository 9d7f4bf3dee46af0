"""The worker's figures as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from bot.worker.figures import Figures, Histogram


class HasFigures(Protocol):
    """What is asked of a worker."""

    figures: Figures

    @property
    def ready(self) -> bool: ...
    @property
    def depth(self) -> int: ...


def registry(worker: HasFigures, about: dict[str, str]) -> CollectorRegistry:
    """All numbers of the program. about: version, weights and the like."""
    numbers = CollectorRegistry()
    numbers.register(_Numbers(worker, about))
    ProcessCollector(registry=numbers)
    PlatformCollector(registry=numbers)
    GCCollector(registry=numbers)
    return numbers


class _Numbers(Collector):
    def __init__(self, worker: HasFigures, about: dict[str, str]) -> None:
        self._worker, self._about = worker, about

    def collect(self) -> Iterable[Metric]:
        figures = self._worker.figures
        yield InfoMetricFamily("lanting", "What runs.", self._about)
        yield GaugeMetricFamily("lanting_poet_ready", "1 while the poet takes wishes.", float(self._worker.ready))
        yield GaugeMetricFamily("lanting_queue_depth", "Wishes that wait.", self._worker.depth)
        counts = (
            ("lanting_wishes", "Wishes that came.", figures.came),
            ("lanting_wishes_granted", "Wishes that were met.", figures.granted),
            ("lanting_poems", "Poems written.", figures.poems),
            ("lanting_poet_falls", "Times the poet's thread had to be started again.", figures.falls),
            ("lanting_batch_halvings", "Times a batch was too large for the memory.", figures.halvings),
        )
        for name, text, value in counts:
            yield CounterMetricFamily(name, text, value)
        drops = CounterMetricFamily("lanting_wishes_dropped", "Wishes not met, by the error told.", labels=["reason"])
        for reason, value in dict(figures.drops).items():  # a copy: the poet's thread may add a reason meanwhile
            drops.add_metric([reason], value)
        yield drops
        yield from (
            _histogram("lanting_wait_seconds", "From a wish's coming to its beginning.", figures.wait),
            _histogram("lanting_decode_seconds", "Time of one batch.", figures.decode),
            _histogram("lanting_batch_wishes", "Wishes in one batch.", figures.batch),
            _histogram("lanting_candidates", "Candidates a poem was chosen from.", figures.candidates),
            _histogram("lanting_loop_lag_seconds", "How late the event loop was.", figures.lag),
        )


def _histogram(name: str, text: str, histogram: Histogram) -> Metric:
    family = HistogramMetricFamily(name, text)
    family.add_metric([], list(_buckets(histogram)), histogram.total)
    return family


def _buckets(histogram: Histogram) -> Iterator[tuple[str, float]]:
    """Cumulative counts by upper bound."""
    so_far = 0
    for bound, count in zip((*map(str, histogram.bounds), "+Inf"), histogram.counts, strict=True):
        so_far += count
        yield bound, so_far
