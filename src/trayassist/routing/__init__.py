"""Routing: which role answers a request, and why."""
