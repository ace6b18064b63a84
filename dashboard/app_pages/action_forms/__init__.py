"""Forms of write operations, their dialogs and their progress."""
