"""The windows beside the popup: memory, activity, settings. Each is made when it is asked for and gone when closed."""
