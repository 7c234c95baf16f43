"""Building, deploying and measuring the SnapStart cleaner: what `make deploy`, `make manifest` and `make bundles` run.

It is no part of the product and stands apart from it: it may read the template and the bundles, and imports neither
the bot nor the orchestrator.
"""
