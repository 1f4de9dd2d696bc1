"""A hospital's clinical table: read as it is, mapped to PETRA's fields, checked cell by cell, pseudonymised."""
