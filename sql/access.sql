-- access: PUBLIC gets nothing.  Last, so that it covers every function above.

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA regtarget FROM PUBLIC;
