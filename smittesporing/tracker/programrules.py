def apply_rules(work, desk):
    return
