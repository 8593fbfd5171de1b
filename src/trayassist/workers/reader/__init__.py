"""The reader worker: a file at a time becomes pages, and pages are drawn."""
