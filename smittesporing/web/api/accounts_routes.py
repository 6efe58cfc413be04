"""The addresses about those who use the API: me, users, tokens, settings, the data store.

They stand before the ones that catch any kind by its name. Called by metadata_routes.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from smittesporing.web.api import (
    data_store,
    data_store_sharing,
    gist,
    me,
    tokens,
    users,
    users_acts,
    users_query,
)
from smittesporing.web.api import settings as set_
from smittesporing.web.routes import Route

_READ = ("access", "signed_in", "configuration", "none")
_WRITE = ("access", "signed_in", "configuration", "change")
_SELF = ("access", "signed_in", "self", "none")
_OWN = ("access", "signed_in", "self", "change")


def accounts_routes() -> Iterator[Route]:
    """Every address of this part; who may govern users is asked inside."""
    yield from _me()
    yield from _users()
    yield from _tokens()
    yield from _settings()
    yield from _data_store()


def _me() -> Iterator[Route]:
    yield Route("/api/me", ("GET",), me.me, *_SELF)
    yield Route("/api/me", ("PUT",), me.change_me, *_OWN)
    for name in ("authorization", "authorities"):
        yield Route(f"/api/me/{name}", ("GET",), me.my_authorities, *_SELF)
        yield Route(f"/api/me/{name}/{{authority}}", ("GET",), me.has_authority, *_SELF)
    yield Route("/api/me/settings", ("GET",), me.settings, *_SELF)
    yield Route("/api/me/settings/{key}", ("GET",), me.setting, *_SELF)
    yield Route("/api/me/dashboard", ("GET",), me.dashboard, *_SELF)
    read = "/api/me/dashboard/interpretations/read"
    yield Route(read, ("POST",), me.interpretations_read, *_OWN)
    yield Route("/api/me/avatar", ("DELETE",), me.remove_avatar, *_OWN)
    yield Route("/api/me/dataApprovalWorkflows", ("GET",), me.approval_workflows, *_SELF)
    yield Route("/api/me/dataApprovalLevels", ("GET",), me.approval_levels, *_SELF)
    yield Route("/api/me/verifyPassword", ("POST",), me.verify_password, *_SELF)
    yield Route("/api/me/validatePassword", ("POST",), me.validate_password, *_SELF)
    yield Route("/api/me/changePassword", ("PUT",), me.change_password, *_OWN)


def _users() -> Iterator[Route]:
    yield Route("/api/userLookup", ("GET",), users_query.look_up, *_READ)
    feedback = "/api/userLookup/feedbackRecipients"
    yield Route(feedback, ("GET",), users_query.look_up_feedback, *_READ)
    yield Route("/api/userLookup/{uid}", ("GET",), users_query.look_up_one, *_READ)
    yield Route("/api/users", ("GET",), users.listed, *_READ)
    yield Route("/api/users", ("POST",), users.create, *_WRITE)
    for name in ("invite", "invites"):
        yield Route(f"/api/users/{name}", ("POST",), users_acts.invite, *_WRITE)
    yield Route("/api/users/gist", ("GET",), gist.users, *_READ)
    one = "/api/users/{uid}"
    yield Route(one, ("GET",), users.one, *_READ)
    yield Route(one, ("PUT",), users.replace, *_WRITE)
    yield Route(one, ("PATCH",), users.patch, *_WRITE)
    yield Route(one, ("DELETE",), users.remove, *_WRITE)
    for name, endpoint in (
        ("replica", users_acts.replica),
        ("disabled", users_acts.disable),
        ("enabled", users_acts.enable),
        ("expired", users_acts.expire),
        ("unexpired", users_acts.unexpire),
        ("twoFA/disabled", users_acts.second_factor),
        ("reset", users_acts.reset),
        ("invite", users_acts.invite_again),
    ):
        yield Route(f"{one}/{name}", ("POST",), endpoint, *_WRITE)
    workflows = f"{one}/dataApprovalWorkflows"
    yield Route(workflows, ("GET",), users_acts.approval_workflows, *_READ)
    held = "/api/userRoles/{uid}/users/{item}"
    yield Route(held, ("POST", "PUT", "DELETE"), users_acts.hold_role, *_WRITE)
    yield Route(f"{one}/{{list}}/{{item}}", ("POST", "DELETE"), users.change_list, *_WRITE)


def _tokens() -> Iterator[Route]:
    for plural in ("apiToken", "apiTokens"):
        path = f"/api/{plural}"
        yield Route(path, ("GET",), tokens.listed, *_SELF)
        yield Route(path, ("POST",), tokens.create, *_OWN)
        yield Route(f"{path}/{{uid}}", ("GET",), tokens.one, *_SELF)
        yield Route(f"{path}/{{uid}}", ("PUT",), tokens.replace, *_OWN)
        yield Route(f"{path}/{{uid}}", ("PATCH",), tokens.patch, *_OWN)
        yield Route(f"{path}/{{uid}}", ("DELETE",), tokens.remove, *_OWN)


def _settings() -> Iterator[Route]:
    yield Route("/api/systemSettings", ("GET",), set_.system, *_READ)
    yield Route("/api/systemSettings", ("POST",), set_.set_system, *_WRITE)
    yield Route("/api/systemSettings", ("DELETE",), set_.remove_system, *_WRITE)
    yield Route("/api/systemSettings/{key}", ("GET",), set_.system_one, *_READ)
    yield Route("/api/systemSettings/{key}", ("POST",), set_.set_system_one, *_WRITE)
    yield Route("/api/systemSettings/{key}", ("DELETE",), set_.remove_system, *_WRITE)
    yield Route("/api/userSettings", ("GET",), set_.user, *_SELF)
    yield Route("/api/userSettings/{key}", ("GET",), set_.user_one, *_SELF)
    yield Route("/api/userSettings/{key}", ("POST",), set_.set_user_one, *_OWN)
    yield Route("/api/userSettings/{key}", ("DELETE",), set_.remove_user_one, *_OWN)


def _data_store() -> Iterator[Route]:
    yield Route("/api/sharing", ("GET",), data_store_sharing.read, *_READ)
    yield Route("/api/sharing", ("POST", "PUT"), data_store_sharing.write, *_WRITE)
    yield Route("/api/dataStore/protections", ("GET",), data_store_sharing.protections, *_READ)
    for name, read, write in (("dataStore", _READ, _WRITE), ("userDataStore", _SELF, _OWN)):
        path = f"/api/{name}"
        space, entry = f"{path}/{{namespace}}", f"{path}/{{namespace}}/{{key}}"
        yield Route(path, ("GET",), data_store.namespaces, *read)
        yield Route(space, ("GET",), data_store.keys, *read)
        yield Route(space, ("DELETE",), data_store.remove_namespace, *write)
        yield Route(f"{space}/keys", ("GET",), data_store.keys, *read)
        yield Route(entry, ("GET",), data_store.value, *read)
        yield Route(entry, ("POST",), data_store.add, *write)
        yield Route(entry, ("PUT",), data_store.put, *write)
        yield Route(entry, ("DELETE",), data_store.remove, *write)
        yield Route(f"{entry}/metaData", ("GET",), data_store.meta_data, *read)
