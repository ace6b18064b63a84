"""The tabs of pages that hold more than one thing: each module draws one."""
