"""Plugins: finding and loading them, checking what they hand over, running their code apart from the main loop."""
