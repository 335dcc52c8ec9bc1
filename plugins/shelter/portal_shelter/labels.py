"""Words for places, measures, stays and where children go; the norms behind each measure."""

from portal.sdk import Placement, _l
from portal_shelter.models import Destination, Measure, PlaceKind, StayStatus

PLACE_KIND = {
    PlaceKind.RECEPTION: _l("Reception space of the UPE (R 11.d)"),
    PlaceKind.URGENT: _l("Urgent care centre (R 101.1)"),
    PlaceKind.BASIC: _l("Basic care centre (R 101.2)"),
    PlaceKind.SPECIALISED: _l("Specialised care centre (R 101.3)"),
}
MEASURE = {
    Measure.URGENT: _l("Urgent protection measure"),
    Measure.PROVISIONAL: _l("Residential care, provisional"),
    Measure.COURT: _l("Order of the court"),
}
BASIS = {
    Measure.URGENT: "DL 1297 arts. 18, 45",
    Measure.PROVISIONAL: "DL 1297 arts. 59, 65",
    Measure.COURT: "DL 1297 art. 75.3",
}
STATUS = {
    StayStatus.STAYING: _l("In care"),
    StayStatus.DISCHARGED: _l("Discharged"),
    StayStatus.GONE: _l("Left without authorisation"),
}
DESTINATION = {
    Destination.FAMILY: _l("Back to the parents"),
    Destination.EXTENDED_FAMILY: _l("Extended family"),
    Destination.FOSTER_FAMILY: _l("Foster family"),
    Destination.OTHER_PLACE: _l("Another place of care"),
    Destination.HOSPITAL: _l("Hospital, for a stay there"),
    Destination.OTHER: _l("Another destination"),
    Destination.UNAUTHORISED: _l("Left without authorisation: tell police and UPE now (art. 87)"),
}
PLACEMENT = {
    Destination.FAMILY: Placement.WITH_FAMILY,
    Destination.EXTENDED_FAMILY: Placement.WITH_FAMILY,
    Destination.FOSTER_FAMILY: Placement.FOSTERED,
    Destination.OTHER_PLACE: Placement.IN_CARE,
    Destination.HOSPITAL: Placement.HOSPITAL,
    Destination.OTHER: Placement.UNKNOWN,
    Destination.UNAUTHORISED: Placement.UNKNOWN,
}
