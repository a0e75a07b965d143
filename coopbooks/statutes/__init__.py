"""The law behind the bylaws: one TOML file a law, each figure with its article, its dates, its source and the day it was read."""
