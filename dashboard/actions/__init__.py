"""Write operations: forms, confirmation, sending once, the record of the visit."""
