"""The rules: pure functions from facts to results and findings. What coopbooks exists for stands here."""
