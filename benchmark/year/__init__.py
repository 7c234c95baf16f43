"""A year of Mondays on a clock of its own: the product beside an oracle that knows everything and obeys the same rules.

python -m benchmark.year [--weeks N]: play, print, and fail when a figure is missed.
"""
