"""What is not installed with Wirehouse itself: packages of its extras, each of which bears its package's name."""

import importlib.util

from schemas.errors import UsageError


def check_extra(setting: str, extra: str) -> None:
    """Return when the package of an extra is installed, without importing it; UsageError says how to get what the setting asks for."""
    if importlib.util.find_spec(extra) is None:
        raise UsageError(
            f"The setting {setting} asks for {extra}, which is not installed; install it with: pip install 'wirehouse[{extra}]'"
        )
