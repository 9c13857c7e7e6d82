"""Calls `delay` so many times, in so many threads; prints how many a second."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from bench_app import empty

count, threads = int(sys.argv[1]), int(sys.argv[2])
for _ in range(1000):
    empty.delay()
if threads == 1:
    began = time.perf_counter()
    for _ in range(count):
        empty.delay()
else:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: empty.delay(), range(threads)))
        began = time.perf_counter()
        list(pool.map(lambda _: empty.delay(), range(count)))
print(count / (time.perf_counter() - began))
