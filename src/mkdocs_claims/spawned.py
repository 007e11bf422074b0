"""The process of a job where processes cannot be forked: an interpreter of its own."""

import json
import os
import pickle
import sys

from mkdocs_claims.children import work
from mkdocs_claims.containment import Watch
from mkdocs_claims.preloading import PreloadError, preload

if __name__ == "__main__":
    settings, job, folder = pickle.load(sys.stdin.buffer)  # noqa: S301  # our own supervisor's
    folder.parent.mkdir(exist_ok=True)
    try:
        preload(settings)
    except PreloadError as error:
        print(json.dumps({"fault": str(error)}), flush=True)
    else:
        work(job, Watch(settings.root), os.dup(1), str(folder))
    os._exit(0)
