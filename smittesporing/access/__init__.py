"""Who may see whom, and who looked: org units, agreements, users, reach and the access log.

Imports the database and the single files only. `reach.reach_for` is the one place that answers
"may she?"; `work.work` is the one way to a connection that can read people.
"""
