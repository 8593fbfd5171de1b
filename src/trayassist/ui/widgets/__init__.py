"""What all windows share: theme, window base, tables, formats. Nothing above it is imported here."""
