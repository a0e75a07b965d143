"""The liberation audit: what a cooperative's practices are called, judged from the evidence in its books."""
