"""What a person or a schedule starts.

Nothing phones home: Prefect reads these two when it is imported, and this package is always imported before it.
"""

import os

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
