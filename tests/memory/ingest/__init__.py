"""Tests of reading files, the queue and the page view."""
