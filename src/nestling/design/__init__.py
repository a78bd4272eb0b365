"""Units, nesting, crossing and sizes."""
