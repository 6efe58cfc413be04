"""What the addresses of users take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.web.api import gist, users, users_acts, users_query
from smittesporing.web.api.described import (
    FIELDS,
    FILTER,
    FLAG,
    MOMENT,
    NUMBER,
    ORDER,
    PAGING,
    TEXT,
    UID,
    Answer,
    Body,
    Description,
    Parameter,
    Table,
    listing,
    nothing,
    ok,
    one_of,
    ref,
    stops,
)

_CLOSED = stops(s403="The one who asks does not govern users.")
_GONE = stops(s404="There is no such user for the one who asks.")
_REFUSED = {
    **stops(s403="The one who asks may not do that to this user."),
    409: Answer("The user breaks a rule; the report says which.", ref("ObjectMessage")),
}
_SAVED = {**ok("It is done.", ref("ObjectMessage")), **_GONE, **_REFUSED}
_USER = Body(
    "The user, with `password` where there is to be another one, and references to userRoles, userGroups and "
    "organisationUnits.",
    ref("User"),
)
_LIST = (Parameter("list", "Which of her lists.", one_of(*users.LISTS)),)
_OPENED = {
    **nothing("It is done."),
    **_GONE,
    **stops(s403="The one who asks may not change this user."),
}
_SHUT = {**_OPENED, **stops(s409="It is oneself, or the last one who governs users.")}
_BRIEF = {
    "type": "object",
    "properties": {
        "id": UID,
        **dict.fromkeys(("username", "firstName", "surname", "displayName"), TEXT),
    },
}

DESCRIBED: Table = {
    users_query.look_up: Description(
        "Colleagues by name, username or e-mail address.",
        {
            **ok("The colleagues.", {"type": "object", "properties": {"users": {"type": "array", "items": _BRIEF}}}),
            **stops(s400="Nothing is asked for."),
        },
        (Parameter("query", "A part of the name.", required=True),),
    ),
    users_query.look_up_feedback: Description(
        "Who is told what clients think of the service: nobody.", stops(s409="Always, with E6200.")
    ),
    users_query.look_up_one: Description(
        "One colleague.",
        {**ok("The colleague.", _BRIEF), **stops(s404="There is no such colleague.")},
        path=(Parameter("uid", "An identifier or a username."),),
    ),
    users.listed: Description(
        "The users that the one who asks governs, page by page.",
        {
            **ok("A page.", listing("users", ref("User"))),
            **_CLOSED,
            **stops(s409="There is no such org unit."),
        },
        (
            FIELDS,
            FILTER,
            Parameter("rootJunction", "Whether all filters must hold, or any.", one_of("AND", "OR")),
            ORDER,
            *PAGING,
            Parameter("query", "A part of a name, username or e-mail address."),
            Parameter("phoneNumber", "With this telephone number."),
            Parameter("ou", "With this org unit.", UID),
            Parameter("includeChildren", "true: or with one below it.", FLAG),
            Parameter("userOrgUnits", "true: with one's own org units.", FLAG),
            Parameter(
                "orgUnitBoundary",
                "Which org units of a user are meant.",
                one_of("DATA_CAPTURE", "DATA_OUTPUT", "TEI_SEARCH"),
            ),
            Parameter("canManage", "true: those one may change.", FLAG),
            Parameter("authSubset", "true: those who hold nothing that one does not.", FLAG),
            Parameter("inactiveMonths", "Who have not signed in for so many months.", NUMBER),
            Parameter("inactiveSince", "Who have not signed in since.", MOMENT),
            Parameter("lastLogin", "Who have signed in then or later.", MOMENT),
            Parameter("selfRegistered", "true: nobody, here.", FLAG),
            Parameter("invitationStatus", "all or expired: nobody, here.", one_of("none", "all", "expired")),
        ),
    ),
    users.create: Description(
        "A new user.",
        {
            201: Answer("She is made; `Location` says where she is.", ref("ObjectMessage")),
            **_REFUSED,
        },
        body=_USER,
    ),
    users_acts.invite: Description(
        "Invite by e-mail: the service sends none.",
        stops(s409="Always: E6202 without an address, E6204 for a username that is taken, else E6203."),
        body=Body("The user, or a list of them under `users`.", {"type": "object"}),
    ),
    users_acts.invite_again: Description(
        "Send an invitation again: nobody has been invited.", {**_GONE, **_CLOSED, **stops(s409="Always.")}
    ),
    users_acts.reset: Description(
        "Let a user set a new password by e-mail: the service sends none.",
        {**_GONE, **_CLOSED, **stops(s409="Always: E6202 without an address, else E6203.")},
    ),
    users_acts.second_factor: Description(
        "Take away a user's second factor: there is none.",
        {
            **ok("She has none.", ref("WebMessage")),
            **_GONE,
            **stops(s403="It is oneself, or the one who asks may not change this user."),
        },
    ),
    users_acts.approval_workflows: Description(
        "Workflows of approval: there are none.", {**ok("None.", {}), **_GONE, **_CLOSED}
    ),
    users_acts.hold_role: Description(
        "Give a user the user role (POST, PUT), or take it (DELETE).",
        {
            **nothing("It is done."),
            **stops(s404="There is no such user role or user for the one who asks."),
            **_REFUSED,
        },
        path=(Parameter("item", "The user.", UID),),
    ),
    gist.users: Description(
        "A page of the users in short.",
        {**ok("A page.", listing("users", ref("User"))), **_CLOSED},
        (FIELDS, FILTER, ORDER, *PAGING),
    ),
    users.one: Description(
        "One user, or oneself.", {**ok("The user.", ref("User")), **_CLOSED, **_GONE}, (FIELDS,)
    ),
    users.replace: Description(
        "The user whole; a password only where one is stated.",
        {**_SAVED, **ok("It is done.", ref("WebMessage"))},
        body=_USER,
    ),
    users.patch: Description(
        "Only what the operations name changes.",
        _SAVED,
        body=Body("A JSON Patch.", ref("JsonPatch"), ("application/json-patch+json",)),
    ),
    users.remove: Description("Remove the user; her name stays in the access log.", _SAVED),
    users_acts.replica: Description(
        "Another user who holds the same.",
        {
            201: Answer("She is made; `Location` says where she is.", ref("WebMessage")),
            **_GONE,
            **_REFUSED,
        },
        body=Body(
            "What is hers alone.",
            {
                "type": "object",
                "properties": {"username": TEXT, "password": TEXT},
                "required": ["username", "password"],
            },
        ),
    ),
    users_acts.disable: Description("She can no longer come in.", _SHUT),
    users_acts.enable: Description("She can come in again.", _OPENED),
    users_acts.expire: Description(
        "She can come in until then.",
        _SHUT,
        (Parameter("date", "The moment.", MOMENT, required=True),),
    ),
    users_acts.unexpire: Description("She can come in without an end.", _OPENED),
    users.change_list: Description(
        "One more (POST) or less (DELETE) of her groups, roles or org units.",
        {**_SAVED, **ok("How many came or went.", ref("WebMessage"))},
        path=_LIST,
    ),
}  # fmt: skip
