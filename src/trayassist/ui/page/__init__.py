"""The page view: a page of a document with the cited passage marked."""
