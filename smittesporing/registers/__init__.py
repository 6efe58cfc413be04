"""The country's registers: their messages in, our values out, one file per register.

What a register says is treated as hostile: typed, limited in size and time, never trusted to be
what it claims. Nothing here stores anything or knows a page.
"""
