"""The law: one TOML file a law, each figure dated, with article, source and the day it was read; and the bylaw models."""
