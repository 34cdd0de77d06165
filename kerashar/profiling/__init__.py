"""What models cost: work, time and memory."""

from kerashar.profiling.benchmark import BenchmarkRow, benchmark_model, benchmark_run
from kerashar.profiling.flops import count_flops

__all__ = ["BenchmarkRow", "benchmark_model", "benchmark_run", "count_flops"]
