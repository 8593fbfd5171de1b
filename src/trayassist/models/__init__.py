"""Models: what is configured, and making it answer through worker processes."""
