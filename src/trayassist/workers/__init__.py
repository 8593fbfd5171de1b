"""Worker processes: native code runs here, so that a crash, a hang or a leak ends a worker and not the app."""
