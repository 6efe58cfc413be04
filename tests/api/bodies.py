"""Bodies that are right, for tests to send or to spoil."""

from smittesporing.uid import new_uid


def contact(uid, unit):
    """A person, exposed to nobody yet, with an enrollment and an event; `uid` knows codes."""
    return {
        "trackedEntities": [
            {
                "trackedEntity": new_uid(),
                "trackedEntityType": uid("ST_PERSON"),
                "orgUnit": unit,
                "attributes": [
                    {"attribute": uid("ST_GIVEN_NAME"), "value": "Berit"},
                    {"attribute": uid("ST_FAMILY_NAME"), "value": "Prøvesen"},
                    {"attribute": uid("ST_BIRTH_DATE"), "value": "2010-05-17"},
                ],
                "enrollments": [
                    {
                        "enrollment": new_uid(),
                        "program": uid("ST_CONTACT"),
                        "orgUnit": unit,
                        "enrolledAt": "2022-01-12",
                        "occurredAt": "2022-01-11",
                        "events": [
                            {
                                "event": new_uid(),
                                "programStage": uid("ST_CONTACT_EXPOSURE"),
                                "orgUnit": unit,
                                "occurredAt": "2022-01-11",
                                "dataValues": [
                                    {"dataElement": uid("ST_LAST_CONTACT"), "value": "2022-01-11"}
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
        "relationships": [],
    }
