"""Plugins: finding and loading them, checking what they hand over, running their code where it cannot hurt."""
