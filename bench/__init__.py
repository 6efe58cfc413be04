"""The benchmark: synthetic waves of infection, and a driver that speaks only DHIS2's public API.

Not in the wheel. Knows nothing of the service's inside, except `own_server`, which starts one to
measure, and `inside`, which looks at where its time goes. Run as `./dev bench`.
"""
