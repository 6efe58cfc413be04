"""Program rules, their actions and the variables they read, from source/rules*.toml.

Called by build.py. A rule in the tables may serve two programs; DHIS2 wants one of each, so it is
written out once per program.
"""

import re
from typing import Any

from smittesporing.metadata.shipped.naming import Payload, Row, kinds, ref, uid

NEWEST = "NEWEST_"


def rules(source: dict[str, Any]) -> Payload:
    """Payload with programRules, programRuleActions and programRuleVariables."""
    known = kinds(source)
    made: Payload = {"programRuleVariables": [], "programRules": [], "programRuleActions": []}
    variables: dict[tuple[str, str], Row] = {}
    for order, table in enumerate(source["rules"], start=1):
        for program in table["program"]:
            stage = table.get("stage", "").format(program.removeprefix("ST_"))
            actions = list(steps(table, program, known))
            texts = [table["when"], *(step["data"] for step in actions if "data" in step)]
            for name in re.findall(r"[#A]\{([A-Z0-9_]+)\}", " ".join(texts)):
                variables.setdefault((program, name), variable(program, name, known))
            rule: Row = {
                "id": uid("programRules", program, table["name"]),
                "name": table["name"],
                "program": ref("programs", program),
                "condition": table["when"],
                "priority": table.get("priority", order + 2),
                "programRuleActions": [{"id": action["id"]} for action in actions],
            }
            if stage:
                rule["programStage"] = ref("programStages", stage)
            made["programRules"].append(rule)
            made["programRuleActions"] += actions
    made["programRuleVariables"] = list(variables.values())
    return made


def variable(program: str, name: str, known: dict[str, str]) -> Row:
    """One variable: this event's answer, an attribute, or (NEWEST_) the newest test's answer."""
    code = name.removeprefix(NEWEST)
    made: Row = {
        "id": uid("programRuleVariables", program, name),
        "name": name,
        "program": ref("programs", program),
        "useCodeForOptionSet": True,
    }
    if known[code] == "trackedEntityAttributes":
        return made | {
            "programRuleVariableSourceType": "TEI_ATTRIBUTE",
            "trackedEntityAttribute": ref("trackedEntityAttributes", code),
        }
    made["dataElement"] = ref("dataElements", code)
    if name.startswith(NEWEST):
        return made | {
            "programRuleVariableSourceType": "DATAELEMENT_NEWEST_EVENT_PROGRAM_STAGE",
            "programStage": ref("programStages", f"{program}_TEST"),
        }
    return made | {"programRuleVariableSourceType": "DATAELEMENT_CURRENT_EVENT"}


def steps(table: Row, program: str, known: dict[str, str]) -> list[Row]:
    """What the rule does, as DHIS2's actions."""
    found: list[tuple[str, str, Row]] = [("HIDEFIELD", code, {}) for code in table.get("hide", [])]
    found += [("SETMANDATORYFIELD", code, {}) for code in table.get("require", [])]
    found += [
        (action, table[key][0], {"content": table[key][1]})
        for key, action in (("warn", "SHOWWARNING"), ("error", "SHOWERROR"))
        if key in table
    ]
    if "assign" in table:
        found.append(("ASSIGN", table["assign"][0], {"data": table["assign"][1]}))
    made = [
        action_row(table, program, action, code)
        | {field(known[code]): ref(known[code], code)}
        | more
        for action, code, more in found
    ]
    for section in table.get("hide_section", []):
        row = action_row(table, program, "HIDESECTION", section)
        made.append(row | {"programStageSection": ref("programStageSections", *section.split("/"))})
    return made


def field(kind: str) -> str:
    return {"dataElements": "dataElement", "trackedEntityAttributes": "trackedEntityAttribute"}[
        kind
    ]


def action_row(table: Row, program: str, action: str, target: str) -> Row:
    return {
        "id": uid("programRuleActions", program, table["name"], action, target),
        "programRule": ref("programRules", program, table["name"]),
        "programRuleActionType": action,
        "evaluationTime": "ALWAYS",
        "evaluationEnvironments": ["WEB", "ANDROID"],
    }
