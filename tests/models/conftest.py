"""Fixtures of the model tests."""

from __future__ import annotations

import pytest

from tests.models.running import Lines


@pytest.fixture
def audit() -> Lines:
    return Lines()
