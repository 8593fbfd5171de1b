"""The command line's tests of models fetch from the same small hub as the tests of downloads."""

from tests.models.catalog.conftest import hub

__all__ = ["hub"]
