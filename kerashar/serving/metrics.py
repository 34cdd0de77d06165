"""What a server counts."""

from collections import Counter

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


class Metrics:
    """Counts of a server, in the text format of Prometheus.

    Each figure has one writer: `windows` and `batches` the model's thread, all others the server's.

    Example:
        >>> metrics = Metrics()
        >>> metrics.statuses["200"] += 1
        >>> print(metrics.text(queued=3).splitlines()[1])
        kerashar_requests_total{status="200"} 1
    """

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.rejected = 0
        self.windows = 0
        self.batches = 0
        self.streams = 0
        self._seconds: Counter[float] = Counter()
        self._sum = 0.0

    def took(self, seconds: float) -> None:
        """Count a prediction that was answered after so many seconds."""
        self._seconds[next((bound for bound in BOUNDS if seconds <= bound), float("inf"))] += 1
        self._sum += seconds

    def text(self, queued: int) -> str:
        """All figures; `queued` is how many windows wait now."""
        lines = ["# TYPE kerashar_requests_total counter"]
        lines += [
            f'kerashar_requests_total{{status="{status}"}} {count}' for status, count in sorted(self.statuses.items())
        ]
        lines.append("# TYPE kerashar_predict_seconds histogram")
        so_far = 0
        for bound in (*BOUNDS, float("inf")):
            so_far += self._seconds[bound]
            name = "+Inf" if bound == float("inf") else bound
            lines.append(f'kerashar_predict_seconds_bucket{{le="{name}"}} {so_far}')
        lines += [f"kerashar_predict_seconds_sum {self._sum:.6f}", f"kerashar_predict_seconds_count {so_far}"]
        for name, kind, value in (
            ("rejected_total", "counter", self.rejected),
            ("windows_total", "counter", self.windows),
            ("batches_total", "counter", self.batches),
            ("queue_windows", "gauge", queued),
            ("streams", "gauge", self.streams),
        ):
            lines += [f"# TYPE kerashar_{name} {kind}", f"kerashar_{name} {value}"]
        return "\n".join(lines) + "\n"
