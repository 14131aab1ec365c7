"""What a person or a schedule starts.

Prefect reads these when it is imported, and this package is always imported before it. Nothing phones home, and a
temporary server has longer to start than the default 20 s, which a busy machine passes.
"""

import os

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
