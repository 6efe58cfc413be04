"""Numbers in, numbers out: the epidemiology of chains.

Pure: no database, no clock, no names of people beyond opaque ids. Called by the chain page and the API.
"""
