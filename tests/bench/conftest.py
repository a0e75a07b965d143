"""What lies here is run by hand (`make bench`) and never collected as a test."""

collect_ignore_glob = ["*.py"]
