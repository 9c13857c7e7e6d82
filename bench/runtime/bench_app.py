"""The same for Python's Celery."""

import json
import os

from celery import Celery

app = Celery("bench")
app.conf.update(json.loads(os.environ.get("BENCH_APP", "{}")))


@app.task(name="bench.empty")
def empty():
    return None
