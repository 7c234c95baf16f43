"""Ask a real account, of a throw-away function, whether AWS is as the rules of the product take it to be.

It stands beside the deployment tooling and not in the product: it creates and deletes a function whole, which the
product never does, and nothing of it ships.
"""
