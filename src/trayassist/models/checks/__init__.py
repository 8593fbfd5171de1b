"""What is wrong with configured models and their files, how well they fit a role, which there are."""
