"""The work, one room per stage; the order of the rooms stands in tasks/pipeline.py.

Numpy reads the setting below when it is imported, and this package is imported before it. The matrices of stories are small:
more threads take nearly twice the CPU for them, and workers have the other cores.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
