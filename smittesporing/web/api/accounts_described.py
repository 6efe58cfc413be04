"""What the addresses about the one who asks take and answer: me, her tokens. Read by openapi.py."""

from __future__ import annotations

from smittesporing.access.tokens import METHODS
from smittesporing.web.api import me, tokens
from smittesporing.web.api.described import (
    ANYTHING,
    FIELDS,
    FLAG,
    NUMBER,
    PAGING,
    TEXT,
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

_OBJECT = {"type": "object"}
_TEXTS = {"type": "array", "items": TEXT}
_SETTING = (Parameter("key", "The name of a setting."),)
_PASSWORD = Body(
    "The password in JSON, or alone as text/plain.",
    {"type": "object", "properties": {"password": TEXT}, "required": ["password"]},
)
_TOKEN = Body(
    "When the token ends, and what it may be used for; a list that is left out limits nothing.",
    {
        "type": "object",
        "properties": {
            "code": TEXT,
            "name": TEXT,
            "expire": {**NUMBER, "description": "Milliseconds since 1970."},
            "attributes": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "type": TEXT,
                        "allowedIps": _TEXTS,
                        "allowedMethods": {"type": "array", "items": one_of(*METHODS)},
                        "allowedReferrers": _TEXTS,
                    },
                },
            },
        },
    },
)
_TOKEN_CHANGED = {
    **ok("It is changed.", ref("WebMessage")),
    **stops(
        s400="The end cannot be so, or the body states a key.",
        s409="The limits cannot be so.",
        s403="A token cannot change tokens.",
        s404="One has no such token.",
    ),
}

DESCRIBED: Table = {
    me.me: Description(
        "The one who asks: name, roles, org units, authorities, settings.",
        ok("Oneself.", ref("Me")),
        (FIELDS,),
    ),
    me.change_me: Description(
        "Change one's name, addresses and what one tells of oneself; other properties are passed over.",
        {
            **ok("Oneself, changed.", ref("Me")),
            **stops(s404="The account is gone.", s409="A property cannot be so."),
        },
        (FIELDS,),
        Body("The properties to change.", _OBJECT),
    ),
    me.my_authorities: Description("The authorities of the one who asks.", ok("Their names.", _TEXTS)),
    me.has_authority: Description(
        "Whether the one who asks has that authority.",
        ok("true or false.", FLAG),
        path=(Parameter("authority", "The name of an authority."),),
    ),
    me.settings: Description(
        "One's own settings, with what holds where one has chosen nothing.",
        ok("Values by name; null for a name that is unknown.", _OBJECT),
        (Parameter("key", "These alone, with commas or repeated.", repeated=True),),
    ),
    me.setting: Description(
        "One of one's own settings.",
        ok("The value alone; null when it is not set.", ANYTHING),
        path=_SETTING,
    ),
    me.dashboard: Description(
        "What the header bar counts: nothing, always.", ok("Two noughts.", _OBJECT)
    ),
    me.interpretations_read: Description(
        "Say that one has read all interpretations: there are none.", nothing("It is done.")
    ),
    me.remove_avatar: Description(
        "Take away one's picture, where there is one.", nothing("There is none.")
    ),
    me.approval_workflows: Description(
        "Workflows of approval: there are none.", ok("An empty list.", _OBJECT)
    ),
    me.approval_levels: Description(
        "Levels of approval: there are none.", ok("An empty list.", {"type": "array"})
    ),
    me.verify_password: Description(
        "Whether this is one's password; guessing is refused as at the door.",
        {
            **ok("`isCorrectPassword`.", _OBJECT),
            **stops(s409="No password is stated."),
        },
        body=_PASSWORD,
    ),
    me.validate_password: Description(
        "Whether one could have this password.",
        {
            **ok("`isValidPassword`, and `errorMessage` when not.", _OBJECT),
            **stops(s404="The account is gone.", s409="No password is stated."),
        },
        body=_PASSWORD,
    ),
    me.change_password: Description(
        "Another password.",
        {
            **nothing("It is changed.", 202),
            **stops(
                s404="The account is gone.",
                s409="The old one is wrong, or the new one too weak or used before.",
            ),
        },
        body=Body(
            "Both passwords.",
            {
                "type": "object",
                "properties": {"oldPassword": TEXT, "newPassword": TEXT},
                "required": ["oldPassword", "newPassword"],
            },
        ),
    ),
    tokens.listed: Description(
        "One's own personal access tokens, without their secrets.",
        ok("A page.", listing("apiToken", _OBJECT)),
        (FIELDS, *PAGING),
    ),
    tokens.one: Description(
        "One of one's own tokens, without its secret.",
        {**ok("The token.", _OBJECT), **stops(s404="One has no such token.")},
        (FIELDS,),
    ),
    tokens.create: Description(
        "A new token.",
        {
            201: ok("`response.key` is the token, shown this once.", ref("WebMessage"))[200],
            **stops(
                s400="The end cannot be so.",
                s403="A token cannot make tokens.",
                s409="The limits cannot be so.",
            ),
        },
        body=_TOKEN,
    ),
    tokens.replace: Description(
        "Other limits, another end; the secret stays.", _TOKEN_CHANGED, body=_TOKEN
    ),
    tokens.patch: Description(
        "Only what the operations name changes.",
        _TOKEN_CHANGED,
        body=Body("A JSON Patch.", ref("JsonPatch"), ("application/json-patch+json",)),
    ),
    tokens.remove: Description(
        "The token opens nothing any more.",
        {**ok("It is removed.", ref("WebMessage")), **stops(s404="One has no such token.")},
    ),
}  # fmt: skip
