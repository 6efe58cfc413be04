"""Stand-ins for what the service meets outside itself: ID-porten, Maskinporten and the registers.

Real HTTP servers that keep the real contracts, with synthetic people only. Never part of the
installed package: the service has no switch that knows of them, and reaches them through the same
client code, settings and checks as in production. Started by `python -m sandbox`, or inside a test
by `sandbox.running.running`.
"""
